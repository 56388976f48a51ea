/** Takes a model of one's own: a folder or a zip in Hugging Face layout. */
import { Button, FileButton, Group } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { DECODERS, ENCODERS, titlesOf } from '../../domain/architectures';
import { useModel } from '../../store';
import { filesOfPicker } from '../../store/intake';
import { Section } from '../../ui/section';

export function OwnFiles({ busy }: { busy: boolean }) {
  const describe = useModel((state) => state.describe);
  const folder = useRef<HTMLInputElement>(null);
  // React's types do not know this attribute, which every browser does.
  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), []);
  const take = (files: File[]): void => {
    if (files.length) void describe({ kind: 'dropped', files: filesOfPicker(files) });
  };
  return (
    <Section
      title="A model of your own"
      about={
        'Drop a folder, a zip or a GGUF file anywhere, or pick one. A folder needs config.json, the ' +
        `tokenizer’s files and safetensors weights. For labels: ${titlesOf(ENCODERS)}; for ` +
        `answers: ${titlesOf(DECODERS)}. What is exported here opens as well.`
      }
    >
      <Group gap="sm">
        <Button variant="default" disabled={busy} onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <FileButton multiple onChange={take}>
          {(props) => (
            <Button {...props} variant="default" disabled={busy}>
              Choose a zip or files
            </Button>
          )}
        </FileButton>
        <input
          ref={folder}
          type="file"
          hidden
          aria-label="Model folder"
          onChange={(event) => {
            take([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
      </Group>
    </Section>
  );
}
