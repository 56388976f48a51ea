/** The steps of the way, always in view: each says in one line what it knows or what is missing. */
import { useShallow } from 'zustand/react/shallow';
import { useData, useModel, useResults, useTraining, useUi } from '../store';
import { stepLines, type StepLine } from '../store/readiness';
import { STEPS, type StepName } from '../store/routes';
import { Icon } from '../ui/icons';
import classes from './step-nav.module.css';

const NAMES: Record<StepName, string> = {
  start: 'Start',
  data: 'Data',
  model: 'Model',
  train: 'Train',
  evaluate: 'Evaluate',
  try: 'Try it',
  export: 'Export',
};

const STATE_WORDS: Record<StepLine['state'], string> = {
  done: 'done',
  ready: 'ready',
  working: 'working',
  missing: 'not yet',
  problem: 'needs attention',
};

function useStepLines(): Record<StepName, StepLine> {
  const data = useData(useShallow((state) => ({ data: state.info, dataBusy: state.job !== null })));
  const model = useModel(
    useShallow((state) => ({
      model: state.info,
      modelBusy: state.job?.label !== undefined && state.candidate === null,
    })),
  );
  const training = useTraining(
    useShallow((state) => ({
      status: state.status,
      step: state.steps.at(-1)?.step,
      totalSteps: state.steps.at(-1)?.totalSteps,
    })),
  );
  const results = useResults(
    useShallow((state) => ({
      run: state.run,
      evaluation: state.evaluation,
      builtExports: Object.keys(state.exports).length,
    })),
  );
  const { status, step, totalSteps } = training;
  return stepLines({
    ...data,
    ...model,
    ...results,
    status,
    progress: step !== undefined && totalSteps !== undefined ? { step, totalSteps } : null,
  });
}

export function StepNav() {
  const route = useUi((state) => state.route);
  const lines = useStepLines();
  const current = route === 'runs' ? null : route;
  return (
    <nav aria-label="Steps" className={classes.nav}>
      <ol className={classes.list}>
        {STEPS.map((step) => {
          const { text, state } = lines[step];
          return (
            <li key={step} className={classes.item}>
              <a
                href={`#/${step}`}
                className={classes.link}
                aria-current={step === current ? 'step' : undefined}
                data-state={state}
              >
                <span className={classes.icon}>
                  <Icon name={step} />
                </span>
                <span className={classes.words}>
                  <span className={classes.name}>{NAMES[step]}</span>
                  <span className={classes.line} data-testid={`step-line-${step}`}>
                    {text}
                  </span>
                </span>
                <span className="tt-visually-hidden">, {STATE_WORDS[state]}</span>
              </a>
            </li>
          );
        })}
      </ol>
      {/* On narrow windows only the current step's line fits. */}
      {current && (
        <p className={classes.currentLine} aria-hidden="true">
          <strong>{NAMES[current]}</strong> {lines[current].text}
        </p>
      )}
    </nav>
  );
}
