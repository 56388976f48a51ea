/** Runs that were interrupted, offered where training begins. */
import { useDevice, useTraining, useUi, useUnfinished } from '../../store';
import { UnfinishedCard } from '../../ui/unfinished-card';

export function Unfinished() {
  const runs = useUnfinished((state) => state.runs);
  const backend = useDevice((state) => state.report?.chosen ?? null);
  const resumeRun = useTraining((state) => state.resumeRun);
  const open = useUi((state) => state.open);
  return runs.map((run) => (
    <UnfinishedCard
      key={run.start.id}
      run={run}
      backend={backend}
      disabled={backend === null}
      onResume={() => void resumeRun(run.start.id)}
      onDelete={() => open({ kind: 'delete-unfinished', id: run.start.id, name: run.start.name })}
    />
  ));
}
