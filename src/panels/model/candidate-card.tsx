/** A model that was looked at: what it is and how large, before anything is downloaded. */
import { Alert, Badge, Button, Group, Text } from '@mantine/core';
import { parametersInWords, type ModelDescription } from '../../domain/model';
import { useDevice, useModel } from '../../store';
import type { Candidate } from '../../store/model';
import { roomNotice, type RoomNotice } from '../../store/room';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, plural } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { Section } from '../../ui/section';

/** Bytes still to come, in a word for the button. */
function actionWord({ pick, description }: Candidate): string {
  if (pick.kind !== 'hub') return 'Use this model';
  const missing = description.bytes - description.cachedBytes;
  if (missing <= 0) return 'Use it (in the cache)';
  return description.cachedBytes > 0
    ? `Download the rest (${formatBytes(missing)}) and use it`
    : `Download ${formatBytes(missing)} and use it`;
}

export function CandidateCard({ candidate, busy }: { candidate: Candidate; busy: boolean }) {
  const { load, dismissCandidate } = useModel();
  const { description } = candidate;
  const { source } = description;
  const backend = useDevice((state) => state.report?.chosen ?? null);
  const room = roomNotice(description, backend);
  const usable = description.unsupported === null && !room?.blocks;
  return (
    <Section
      title={description.name}
      about={source.kind === 'hub' ? `Revision ${source.revision.slice(0, 12)}, pinned.` : undefined}
      actions={
        description.cachedBytes >= description.bytes && candidate.pick.kind === 'hub' ? (
          <Badge variant="light">In the cache</Badge>
        ) : undefined
      }
    >
      <ModelFigures description={description} />
      {description.notRead && (
        <Text size="sm" mt="md" style={{ overflowWrap: 'anywhere' }}>
          Not read, for the weights are taken from the safetensors files or the GGUF: {description.notRead.join(', ')}.
        </Text>
      )}
      <Obstacle unsupported={description.unsupported} room={room} />
      <Group mt="md" gap="sm">
        {usable && (
          // The description's source is pinned to a commit; dropped files are passed on as they are.
          <Button
            disabled={busy}
            onClick={() => void load(candidate.pick.kind === 'dropped' ? candidate.pick : source)}
          >
            {actionWord(candidate)}
          </Button>
        )}
        <Button variant="default" disabled={busy} onClick={dismissCandidate}>
          Not this one
        </Button>
      </Group>
    </Section>
  );
}

function ModelFigures({ description }: { description: ModelDescription }) {
  return (
    <Figures label="The model">
      <Figure name="Kind" value={description.architecture} />
      <Figure name="Size" value={formatBytes(description.bytes)} note={plural(description.files.length, 'file')} />
      {description.parameters !== null && (
        <Figure name="Parameters" value={parametersInWords(description.parameters)} />
      )}
      <Figure name="Licence" value={description.licence ?? 'not stated'} />
    </Figures>
  );
}

/** Why the model cannot be used here, or barely; nothing where neither is so. */
function Obstacle({ unsupported, room }: { unsupported: string | null; room: RoomNotice | null }) {
  const warning = { mt: 'md', icon: <Icon name="warning" />, role: 'alert' };
  if (unsupported !== null)
    return (
      <Alert {...warning} color="yellow" title="This model cannot be used here">
        {unsupported}
      </Alert>
    );
  if (!room) return null;
  return (
    <Alert
      {...warning}
      color={room.blocks ? 'red' : 'yellow'}
      title={room.blocks ? 'There is no room for this model on this device' : 'This model barely fits'}
    >
      {room.message}
    </Alert>
  );
}
