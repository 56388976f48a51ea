/** Says in words when a run is not learning, and what to try. */
import { Alert } from '@mantine/core';
import { useMemo } from 'react';
import { useTraining } from '../../store';
import { learningNotice } from '../../store/learning';
import { Icon } from '../../ui/icons';

export function LearningNotice() {
  const steps = useTraining((state) => state.steps);
  const validations = useTraining((state) => state.validations);
  const notice = useMemo(() => learningNotice(steps, validations), [steps, validations]);
  if (!notice) return null;
  return (
    <Alert color="yellow" role="status" icon={<Icon name="warning" />} title={notice.message}>
      {notice.advice}
    </Alert>
  );
}
