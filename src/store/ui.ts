/** The page's own state: the step in view, the one open dialog, and what is read out to screen readers. */
import { create } from 'zustand';
import type { RouteName } from './routes';

export type Dialog =
  | { kind: 'paste' }
  | { kind: 'settings' }
  | { kind: 'privacy' }
  | { kind: 'kernels' }
  | { kind: 'row'; row: number }
  | { kind: 'rename-run'; id: string; name: string }
  | { kind: 'delete-run'; id: string; name: string }
  | { kind: 'delete-unfinished'; id: string; name: string }
  | { kind: 'clear-everything' };

interface UiState {
  route: RouteName;
  dialog: Dialog | null;
  /** The newest sentence for screen readers. */
  announcement: string;
  /** The address names another place. */
  arrive: (route: RouteName) => void;
  open: (dialog: Dialog) => void;
  closeDialog: () => void;
  announce: (sentence: string) => void;
}

export type UiSlice = ReturnType<typeof createUi>;

export const createUi = (route: RouteName) =>
  create<UiState>()((set) => ({
    route,
    dialog: null,
    announcement: '',
    arrive: (next) => set({ route: next, dialog: null }),
    open: (dialog) => set({ dialog }),
    closeDialog: () => set({ dialog: null }),
    announce: (announcement) => set({ announcement }),
  }));
