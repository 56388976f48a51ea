/** What is named beside the loss, dealt out to charts. */
import { describe, expect, it } from 'vitest';
import { extraCharts } from './extra-curves';

describe('charts of extras', () => {
  it('hold what begins alike, and shares apart', () => {
    expect(extraCharts(['rewards/chosen', 'rewards/rejected', 'rewards/accuracies', 'kl'])).toEqual([
      { title: 'Rewards', names: ['rewards/chosen', 'rewards/rejected'], shares: false },
      { title: 'rewards/accuracies', names: ['rewards/accuracies'], shares: true },
      { title: 'kl', names: ['kl'], shares: false },
    ]);
  });
});
