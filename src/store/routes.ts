/** The places of the page and their hashes. */

export const STEPS = ['start', 'data', 'model', 'train', 'evaluate', 'try', 'export'] as const;
export type StepName = (typeof STEPS)[number];
export type RouteName = StepName | 'runs';

/** The route that a hash such as `#/data` names; the start page for anything else. */
export function routeOf(hash: string): RouteName {
  const name = hash.replace(/^#\/?/, '');
  return name === 'runs' ? 'runs' : (STEPS.find((step) => step === name) ?? 'start');
}
