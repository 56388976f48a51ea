/** The settings that the next run would use, as a hook. */
import { useMemo } from 'react';
import { effectiveConfig, type EffectiveConfig } from './effective-config';
import { useData, useModel, useTraining } from './index';

/** Settings, defaults and reasons; null until data and model are there. */
export function useConfig(): EffectiveConfig | null {
  const method = useTraining((state) => state.method);
  const changes = useTraining((state) => state.changes);
  const data = useData((state) => state.info);
  const model = useModel((state) => state.info);
  return useMemo(() => effectiveConfig(method, changes, data, model), [method, changes, data, model]);
}
