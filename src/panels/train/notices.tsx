/** How the run is going, in words: learning or not, and why it ended. */
import { Alert, Text } from '@mantine/core';
import { useMemo } from 'react';
import { learningNotice } from '../../store/learning';
import { useTraining } from '../../store/training';
import { Icon } from '../../ui/icons';
import { REASON_WORDS } from '../../ui/words';

export function Notices() {
  const { steps, validations, status, reason } = useTraining();
  const notice = useMemo(() => learningNotice(steps, validations), [steps, validations]);
  return (
    <>
      {status === 'cancelled' && <Text size="sm">The run was cancelled; nothing of it was kept.</Text>}
      {status === 'finished' && reason && <Text size="sm">Training {REASON_WORDS[reason]}.</Text>}
      {notice && (
        <Alert color="yellow" role="status" icon={<Icon name="warning" />} title={notice.message}>
          {notice.advice}
        </Alert>
      )}
    </>
  );
}
