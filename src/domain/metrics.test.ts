/** Figures of merit against values worked out by hand and by scikit-learn 1.x (stated beside each case). */
import { describe, expect, it } from 'vitest';
import { multiLabelMetrics, regressionMetrics, singleLabelMetrics } from './metric-formulas';
import { baselineFor, isBetter, meanLoss, taskMetrics } from './metrics';

const logitsFor = (...rows: number[][]): Float32Array[] => rows.map((row) => Float32Array.from(row));

describe('single-label', () => {
  // sklearn: accuracy_score, f1_score(average=…), precision_recall_fscore_support(labels=[0, 1, 2, 3], zero_division=0)
  const expected = [0, 0, 0, 1, 1, 2, 2, 2, 2, 0];
  const predicted = [0, 1, 0, 1, 2, 2, 2, 0, 2, 0];
  const metrics = singleLabelMetrics(['a', 'b', 'c', 'unseen'], expected, predicted);

  it('agrees with scikit-learn', () => {
    expect(metrics.accuracy).toBeCloseTo(0.7, 12);
    expect(metrics.macroF1).toBeCloseTo(2 / 3, 12);
    expect(metrics.weightedF1).toBeCloseTo(0.7, 12);
    expect(metrics.perClass).toEqual([
      { label: 'a', precision: 0.75, recall: 0.75, f1: 0.75, support: 4 },
      { label: 'b', precision: 0.5, recall: 0.5, f1: 0.5, support: 2 },
      { label: 'c', precision: 0.75, recall: 0.75, f1: 0.75, support: 4 },
      { label: 'unseen', precision: 0, recall: 0, f1: 0, support: 0 },
    ]);
  });

  it('counts the confusion as actual × predicted', () => {
    expect(metrics.confusion).toEqual([
      [3, 1, 0, 0],
      [0, 1, 1, 0],
      [1, 0, 3, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('leaves a class out of the macro mean only when it is neither expected nor predicted', () => {
    // f1_score([0, 0], [0, 1], average="macro") = (2/3 + 0) / 2
    expect(singleLabelMetrics(['a', 'b', 'c'], [0, 0], [0, 1]).macroF1).toBeCloseTo(1 / 3, 12);
  });

  it('takes the largest logit, the first on a tie', () => {
    const fromLogits = taskMetrics('single-label', ['a', 'b'], [0, 1, 0], logitsFor([1, 1], [0, 2], [0, 3]), 0.5);
    expect(fromLogits).toMatchObject({ accuracy: 2 / 3, loss: 0.5 });
  });
});

describe('multi-label', () => {
  const expected = [
    [1, 0, 1],
    [0, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ];
  const predicted = [
    [1, 0, 0],
    [0, 1, 0],
    [1, 0, 1],
    [0, 0, 0],
  ];

  it('agrees with scikit-learn', () => {
    // f1_score(average="micro") = 2·3 / (4 + 5); "macro" = (1 + 2/3 + 0) / 3; accuracy_score = 2 / 4
    const metrics = multiLabelMetrics(['x', 'y', 'z'], expected, predicted);
    expect(metrics.microF1).toBeCloseTo(6 / 9, 12);
    expect(metrics.macroF1).toBeCloseTo((1 + 2 / 3) / 3, 12);
    expect(metrics.subsetAccuracy).toBe(0.5);
    expect(metrics.perClass.map((entry) => entry.support)).toEqual([2, 2, 1]);
  });

  it('chooses the labels with a logit above 0', () => {
    const metrics = taskMetrics('multi-label', ['x', 'y'], [[1, 0]], logitsFor([0.1, 0]));
    expect(metrics).toMatchObject({ subsetAccuracy: 1 });
  });
});

describe('regression', () => {
  it('agrees with scikit-learn and scipy', () => {
    // mean_absolute_error 0.5, mean_squared_error 0.375, r2_score 0.9486081370449679, pearsonr 0.9848696184482703
    const metrics = regressionMetrics([3, -0.5, 2, 7], [2.5, 0, 2, 8]);
    expect(metrics.mae).toBeCloseTo(0.5, 12);
    expect(metrics.rmse).toBeCloseTo(Math.sqrt(0.375), 12);
    expect(metrics.r2).toBeCloseTo(0.9486081370449679, 12);
    expect(metrics.pearson).toBeCloseTo(0.9848696184482703, 12);
  });

  it('handles constant sides as scikit-learn does', () => {
    expect(regressionMetrics([2, 2], [2, 2]).r2).toBe(1);
    expect(regressionMetrics([2, 2], [2, 3]).r2).toBe(0);
    expect(regressionMetrics([2], [2]).r2).toBeNaN();
    expect(regressionMetrics([1, 2], [5, 5]).pearson).toBeNaN();
  });
});

describe('mean loss', () => {
  it('is the cross-entropy of the expected class', () => {
    // torch: F.cross_entropy([[1, 2, 3], [0, 0, 0]], [2, 0]) = (0.40760596 + 1.09861229) / 2
    expect(meanLoss('single-label', [2, 0], logitsFor([1, 2, 3], [0, 0, 0]))).toBeCloseTo(
      (0.40760596 + Math.log(3)) / 2,
      7,
    );
  });

  it('is the binary cross-entropy over rows and labels, without overflow', () => {
    // torch: BCEWithLogitsLoss([[0, 100]], [[1, 0]]) = (ln 2 + 100) / 2
    expect(meanLoss('multi-label', [[1, 0]], logitsFor([0, 100]))).toBeCloseTo((Math.LN2 + 100) / 2, 6);
  });

  it('is the squared error', () => {
    expect(meanLoss('regression', [1, 3], logitsFor([2], [5]))).toBeCloseTo(2.5, 12);
  });
});

describe('baselines', () => {
  it('answers the most frequent training class', () => {
    const baseline = baselineFor('single-label', ['a', 'b'], [1, 1, 0], [0, 1, 1, 1]);
    expect(baseline).toMatchObject({ kind: 'majority-class', metrics: { accuracy: 0.75, loss: null } });
    expect(baseline.description).toContain('“b”');
  });

  it('answers labels that most rows carry, else none', () => {
    expect(
      baselineFor(
        'multi-label',
        ['x', 'y'],
        [
          [1, 0],
          [1, 1],
          [0, 1],
        ],
        [[1, 1]],
      ),
    ).toMatchObject({ kind: 'majority-class', metrics: { subsetAccuracy: 1 } });
    expect(
      baselineFor(
        'multi-label',
        ['x', 'y'],
        [
          [1, 0],
          [0, 1],
        ],
        [[0, 0]],
      ),
    ).toMatchObject({ kind: 'no-label', metrics: { subsetAccuracy: 1 } });
  });

  it('answers the mean of the training values', () => {
    expect(baselineFor('regression', [], [1, 3], [2, 4])).toMatchObject({
      kind: 'mean-value',
      metrics: { mae: 1, r2: -1 },
    });
  });
});

describe('the better validation', () => {
  const at = (metricValue: number, loss: number) => ({ metricValue, loss });
  it('is that of the better metric, then of the lower loss', () => {
    expect(isBetter(at(0.5, 9), at(0.4, 1))).toBe(true);
    expect(isBetter(at(0.4, 1), at(0.5, 9))).toBe(false);
    expect(isBetter(at(0.5, 1), at(0.5, 2))).toBe(true);
    expect(isBetter(at(0.5, 2), at(0.5, 2))).toBe(false);
  });

  it.each([NaN, -Infinity])('is that of the lower loss where a metric is %d, and none is kept for ever', (metric) => {
    expect(isBetter(at(metric, 1), at(metric, 2))).toBe(true);
    expect(isBetter(at(metric, 2), at(metric, 1))).toBe(false);
    expect(isBetter(at(0.9, 1), at(metric, 2))).toBe(true);
    expect(isBetter(at(metric, 1), at(metric, NaN))).toBe(true);
    expect(isBetter(at(metric, NaN), at(metric, 1))).toBe(false);
  });
});
