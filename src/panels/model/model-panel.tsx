/** The model step: the embedded model, the Hub, or a folder of one's own. */
import { Alert, Badge, Button, Group, List, Text } from '@mantine/core';
import { TEMPLATE_IN_WORDS } from '../../domain/language-config';
import { parametersInWords, type ModelInfo } from '../../domain/model';
import { go, useModel } from '../../store';
import type { Job } from '../../store/jobs';
import { AdapterFigures } from '../../ui/adapter-figures';
import { ErrorNotice } from '../../ui/error-notice';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, formatCount } from '../../ui/format';
import { Icon } from '../../ui/icons';
import { JobProgress } from '../../ui/job-progress';
import { PanelHeading, Section } from '../../ui/section';
import { CandidateCard } from './candidate-card';
import { EmbeddedModels } from './embedded-models';
import { HubBox } from './hub-box';
import { OwnFiles } from './own-files';

export function ModelPanel() {
  const { info, job, error, failedPick, candidate, load } = useModel();
  return (
    <>
      <PanelHeading
        title="Model"
        about="A pre-trained model that has read a great deal of text; what you teach comes on top of that."
      />
      {error && (
        <ErrorNotice error={error}>
          {failedPick && (
            <Button size="xs" variant="default" onClick={() => void load(failedPick)}>
              {error.code === 'network' ? 'Go on where it stopped' : 'Try again'}
            </Button>
          )}
        </ErrorNotice>
      )}
      {info && !job ? <Loaded info={info} /> : <NotYet job={job} />}
      {candidate && <CandidateCard candidate={candidate} busy={job !== null} />}
      <EmbeddedModels busy={job !== null} />
      <HubBox busy={job !== null} />
      <OwnFiles busy={job !== null} />
    </>
  );
}

/** Height of the card of the model in use, kept while there is none, so that nothing below moves. */
const CARD_HEIGHT = 242;

function NotYet({ job }: { job: Job | null }) {
  return (
    <Section title={job?.label ?? 'No model yet'} about={job ? undefined : 'Choose one below.'} minHeight={CARD_HEIGHT}>
      {job && <JobProgress {...job} onCancel={job.cancel} />}
    </Section>
  );
}

/** What a person should know of the files before training. */
function Said({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Alert variant="light" color="yellow" mt="md" title="What is in these files" icon={<Icon name="model" />}>
      <List size="sm" style={{ overflowWrap: 'anywhere' }}>
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Loaded({ info }: { info: ModelInfo }) {
  const close = useModel((state) => state.close);
  return (
    <Section
      title={info.name}
      about="Loaded and ready."
      minHeight={CARD_HEIGHT}
      actions={
        <Group gap="xs">
          <Badge variant="light">In use</Badge>
          <Button size="compact-sm" variant="default" onClick={() => void close()}>
            Unload
          </Button>
        </Group>
      }
    >
      <Figures label="The loaded model">
        <Figure name="Kind" value={info.architecture} note={`${info.layers} layers, ${info.hiddenSize} wide`} />
        <Figure name="Parameters" value={parametersInWords(info.parameters)} />
        <Figure name="Size" value={formatBytes(info.bytes)} />
        <Figure name="Longest input" value={`${formatCount(info.maxPositions)} tokens`} />
        <Figure name="Vocabulary" value={formatCount(info.vocabularySize)} />
        <Figure name="Licence" value={info.licence ?? 'not stated'} />
        {info.writing && (
          <Figure
            name="Chat template"
            value={info.writing.ownTemplate ? 'its own' : TEMPLATE_IN_WORDS[info.writing.template]}
            note={info.writing.ownTemplate ? ' ' : 'it brings none'}
          />
        )}
      </Figures>
      {info.adapter && (
        <>
          <Text mt="md" mb="xs" fw={600}>
            With a LoRA adapter, which training can go on with
          </Text>
          <AdapterFigures adapter={info.adapter} />
        </>
      )}
      <Said sentences={info.said ?? []} />
      <Group justify="flex-end" mt="md">
        <Button onClick={() => go('train')}>Next: train</Button>
      </Group>
    </Section>
  );
}
