/** What generation_config.json decides, and what is refused. */
import { describe, expect, it } from 'vitest';
import { checkGeneration, generationSettings, greedy } from './generation';

describe('generation_config.json', () => {
  it('decides', () => {
    expect(
      generationSettings({
        do_sample: true,
        temperature: 0.6,
        top_k: 20,
        top_p: 0.95,
        repetition_penalty: 1.1,
        max_new_tokens: 64,
        stop_strings: ['\nUser:', ''],
      }),
    ).toEqual({
      maxNewTokens: 64,
      doSample: true,
      temperature: 0.6,
      topK: 20,
      topP: 0.95,
      repetitionPenalty: 1.1,
      stopStrings: ['\nUser:'],
      seed: 1,
    });
    expect(generationSettings({ stop_strings: 'END' }).stopStrings).toEqual(['END']);
  });

  it('may be missing or make no sense: then it is as in transformers', () => {
    expect(generationSettings(null)).toEqual(
      generationSettings({
        temperature: 0,
        top_k: -1,
        top_p: '0.9',
        repetition_penalty: NaN,
        max_new_tokens: 1e9,
        do_sample: 'yes',
        stop_strings: [1],
      }),
    );
    expect(generationSettings(null)).toMatchObject({
      doSample: false,
      temperature: 1,
      topK: 50,
      topP: 1,
      repetitionPenalty: 1,
      stopStrings: [],
    });
  });
});

it('settings out of bounds are named', () => {
  expect(checkGeneration(greedy(60))).toEqual([]);
  expect(checkGeneration({ ...greedy(60), temperature: 0, topK: 1.5 })).toEqual([
    'temperature must be a number from 0.01 to 5, not 0.',
    'topK must be a whole number from 0 to 1000000, not 1.5.',
  ]);
});
