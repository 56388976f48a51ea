/** Looks a model up on the Hub by its id or address; nothing is downloaded before it was seen. */
import { Button, Group, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useDevice, useModel } from '../../store';
import { Section } from '../../ui/section';

export function HubBox({ busy }: { busy: boolean }) {
  const describe = useModel((state) => state.describe);
  const hubUrl = useDevice((state) => state.hubUrl);
  const [id, setId] = useState('');
  const lookUp = (event: SubmitEvent): void => {
    event.preventDefault();
    void describe({ kind: 'hub', id: id.trim(), revision: 'main' });
  };
  return (
    <Section
      title="From the Hugging Face Hub"
      about={
        `Looking up and downloading asks ${new URL(hubUrl).host}; only the model’s name leaves this tab, ` +
        'never your data.'
      }
    >
      <form onSubmit={lookUp}>
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Model id or address"
            placeholder="distilbert/distilbert-base-uncased"
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            spellCheck={false}
            autoCapitalize="none"
            style={{ flex: '1 1 240px' }}
          />
          <Button type="submit" variant="default" disabled={busy || !id.trim()}>
            Look up
          </Button>
        </Group>
      </form>
    </Section>
  );
}
