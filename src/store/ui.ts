/** The page's own state: the step in view, the one open dialog, and what is read out to screen readers. */
import { create } from 'zustand';
import { routeOf, type RouteName } from './routes';

export type Dialog =
  | { kind: 'paste' }
  | { kind: 'settings' }
  | { kind: 'privacy' }
  | { kind: 'kernels' }
  | { kind: 'row'; row: number }
  | { kind: 'cell'; actual: number; predicted: number }
  | { kind: 'rename-run'; id: string; name: string }
  | { kind: 'delete-run'; id: string; name: string }
  | { kind: 'delete-unfinished'; id: string; name: string }
  | { kind: 'clear-everything' };

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
