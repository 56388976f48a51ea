/** The adapter that came with the model: what it is, and what becomes of it in this run. */
import { Alert, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AdapterFacts } from '../../domain/model';
import { goesOn, type TrainingConfig } from '../../domain/training-config';
import { AdapterFigures } from '../../ui/adapter-figures';

interface AdapterNoticeProps {
  adapter: AdapterFacts;
  config: TrainingConfig;
  /** The control for what becomes of it. */
  choice: ReactNode;
}

function inWords(adapter: AdapterFacts, config: TrainingConfig): string {
  if (goesOn(config, adapter))
    return (
      'This run goes on with it: its rank, alpha, dropout and layers are kept as they are, and LoRA’s settings under ' +
      'Advanced do not count.'
    );
  return config.fromAdapter === 'without'
    ? 'This run leaves it out and begins with the bare base model.'
    : 'This run begins with the base model that it has been worked into.';
}

export function AdapterNotice({ adapter, config, choice }: AdapterNoticeProps) {
  return (
    <Alert variant="light" mb="md" title="The model came with a LoRA adapter">
      <Stack gap="sm">
        <Text size="sm">{inWords(adapter, config)}</Text>
        <AdapterFigures adapter={adapter} />
        {choice}
      </Stack>
    </Alert>
  );
}
