/** The page's own state: the step in view, the one open dialog, and what is read out to screen readers. */
import { create } from 'zustand';

export const STEPS = ['start', 'data', 'model', 'train', 'evaluate', 'try', 'export'] as const;
export type StepName = (typeof STEPS)[number];
export type RouteName = StepName | 'runs';

export type Dialog =
  | { kind: 'paste' }
  | { kind: 'settings' }
  | { kind: 'row'; row: number }
  | { kind: 'cell'; actual: number; predicted: number }
  | { kind: 'delete-run'; id: string; name: string }
  | { kind: 'clear-everything' };

/** The route that a hash such as `#/data` names; the start page for anything else. */
export function routeOf(hash: string): RouteName {
  const name = hash.replace(/^#\/?/, '');
  return name === 'runs' ? 'runs' : (STEPS.find((step) => step === name) ?? 'start');
}

interface UiState {
  route: RouteName;
  dialog: Dialog | null;
  /** The newest sentence for screen readers. */
  announcement: string;
  open: (dialog: Dialog) => void;
  closeDialog: () => void;
  announce: (sentence: string) => void;
}

export const useUi = create<UiState>()((set) => ({
  route: routeOf(window.location.hash),
  dialog: null,
  announcement: '',
  open: (dialog) => set({ dialog }),
  closeDialog: () => set({ dialog: null }),
  announce: (announcement) => set({ announcement }),
}));

/** Shows a step; the hash makes it a place that the back button knows. */
export function go(route: RouteName): void {
  window.location.hash = `#/${route}`;
}

window.addEventListener('hashchange', () => useUi.setState({ route: routeOf(window.location.hash), dialog: null }));
