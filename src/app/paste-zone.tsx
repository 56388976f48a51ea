/** Takes a table, JSON or files that are pasted on Start or Data, unless a field has the focus. */
import { useEffect } from 'react';
import { useIntake, useUi } from '../store';

const PLACES = new Set(['start', 'data']);

/** Whether a paste is meant for what has the focus: a field, or a dialog. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null;

export function PasteZone() {
  const active = useUi((state) => PLACES.has(state.route) && state.dialog === null);
  const paste = useIntake((state) => state.paste);
  useEffect(() => {
    if (!active) return undefined;
    const take = (event: ClipboardEvent): void => {
      const { clipboardData } = event;
      if (!clipboardData || isTaken(event.target)) return;
      event.preventDefault();
      void paste({
        files: [...clipboardData.files],
        text: clipboardData.getData('text/plain'),
        html: clipboardData.getData('text/html'),
      });
    };
    document.addEventListener('paste', take);
    return () => document.removeEventListener('paste', take);
  }, [active, paste]);
  return null;
}
