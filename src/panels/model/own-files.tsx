/** Takes a model of one's own: a folder or a zip in Hugging Face layout. */
import { Button, FileButton, Group } from '@mantine/core';
import { DECODERS, ENCODERS, titlesOf } from '../../domain/architectures';
import { useModel } from '../../store';
import { filesOfPicker } from '../../store/drop';
import { FolderButton } from '../../ui/folder-button';
import { Section } from '../../ui/section';

export function OwnFiles({ busy }: { busy: boolean }) {
  const describe = useModel((state) => state.describe);
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
        <FolderButton variant="default" disabled={busy} label="Model folder" onPick={take}>
          Choose a folder
        </FolderButton>
        <FileButton multiple onChange={take}>
          {(props) => (
            <Button {...props} variant="default" disabled={busy}>
              Choose a zip or files
            </Button>
          )}
        </FileButton>
      </Group>
    </Section>
  );
}
