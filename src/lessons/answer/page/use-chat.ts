/** The talk of the page. */
import { useMemo } from 'react';
import type { GenerationSettings } from '../../../domain/generation';
import { store, useResults } from '../../../store';
import { createChat, settingsFor } from './chat-store';

export const useChat = createChat(store);

/** The settings in force, as a hook. */
export function useSettings(): GenerationSettings | null {
  const own = useChat((state) => state.settings);
  const model = useResults((state) => state.run?.model);
  return useMemo(() => settingsFor(model, own), [model, own]);
}
