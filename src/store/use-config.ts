/** The settings that the next run would use, as a hook. */
import { useMemo } from 'react';
import { useData } from './data';
import { effectiveConfig, settingsKey, type EffectiveConfig } from './effective-config';
import { useModel } from './model';
import { useTraining } from './training';

/** Settings, defaults and reasons; null until data and model are there. */
export function useConfig(): EffectiveConfig | null {
  const method = useTraining((state) => state.method);
  const data = useData((state) => state.info);
  const model = useModel((state) => state.info);
  const changes = useTraining((state) => state.changes[settingsKey(state.method, model)]);
  return useMemo(() => effectiveConfig(method, changes, data, model), [method, changes, data, model]);
}
