/** The start: bring data, pick a sample, go on with a run, or be shown how it works. */
import { Badge, Button, FileButton, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { go, openRun, takeFiles, useData, useDevice, useResults, useShowMe, useUi } from '../../store';
import { DATA_FORMATS, DATA_TYPES, SAMPLES } from '../../store/catalogue';
import { filesOfPicker } from '../../store/drop';
import { formatDate, plural } from '../../ui/format';
import { FolderButton } from '../../ui/folder-button';
import { Icon } from '../../ui/icons';
import { PASTE_KEYS } from '../../ui/keys';
import { Section } from '../../ui/section';
import { METHOD_WORDS } from '../../ui/words';
import classes from './start-panel.module.css';

export function StartPanel() {
  return (
    <>
      <Hero />
      <Section
        title="Or begin with a sample"
        about="One for each kind of task. They come with the app; nothing is downloaded."
      >
        <Samples />
      </Section>
      <RecentRuns />
    </>
  );
}

function Hero() {
  const showMe = useShowMe();
  const awake = useDevice((state) => state.report !== null);
  return (
    <section className={classes.hero} aria-labelledby="hero-title">
      <Title order={1} id="hero-title" className={classes.title}>
        Teach a language model your labels or your answers, in this tab
      </Title>
      <Text className={classes.lead}>
        Bring texts with labels, or questions with answers. A real pre-trained model learns from them on this device,
        and you take the weights with you. No account, and your data never leaves this tab.
      </Text>
      <Bring />
      <Group gap="sm" className={classes.show}>
        <Text size="sm" c="dimmed">
          New to this? Watch a sample go all the way to a result, explained as it happens.
        </Text>
        <Button
          variant="light"
          leftSection={<Icon name="play" size={18} />}
          disabled={!awake || (showMe.sentence !== null && !showMe.done)}
          onClick={() => void showMe.start()}
        >
          Show me
        </Button>
      </Group>
    </section>
  );
}

/** The ways to bring data: drop, choose, paste. */
function Bring() {
  const open = useUi((state) => state.open);
  return (
    <div className={classes.drop}>
      <span className={classes.dropIcon}>
        <Icon name="upload" size={26} />
      </span>
      <Text fw={600}>Drop files or a folder anywhere on this page</Text>
      <Text size="sm" c="dimmed">
        {DATA_FORMATS}, also packed as ZIP or GZ; or press {PASTE_KEYS} to paste a table.
      </Text>
      <Group justify="center" gap="sm">
        <FileButton multiple onChange={(files) => void takeFiles(filesOfPicker(files))} accept={DATA_TYPES}>
          {(props) => (
            <Button {...props} size="md">
              Choose files
            </Button>
          )}
        </FileButton>
        <FolderButton
          size="md"
          variant="default"
          label="Folder of data"
          onPick={(files) => void takeFiles(filesOfPicker(files))}
        >
          Choose a folder
        </FolderButton>
        <Button
          size="md"
          variant="default"
          leftSection={<Icon name="paste" size={18} />}
          onClick={() => open({ kind: 'paste' })}
        >
          Paste a table
        </Button>
      </Group>
    </div>
  );
}

function Samples() {
  const open = useData((state) => state.open);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      {SAMPLES.map((sample) => (
        <button
          key={sample.id}
          type="button"
          className={classes.sample}
          onClick={() => {
            go('data');
            void open({ kind: 'sample', id: sample.id });
          }}
        >
          <span className={classes.sampleName}>{sample.name}</span>
          <span className={classes.sampleText}>{sample.teaches}</span>
          <span className={classes.sampleFacts}>
            {sample.kind} · {plural(sample.rows, 'row')} · {sample.licence}
          </span>
        </button>
      ))}
    </SimpleGrid>
  );
}

function RecentRuns() {
  const runs = useResults((state) => state.runs);
  if (!runs?.length) return null;
  return (
    <Section
      title="Recent runs"
      actions={
        <Button component="a" href="#/runs" variant="subtle" size="compact-sm">
          All runs
        </Button>
      }
    >
      <Stack gap="xs">
        {runs.slice(0, 3).map((run) => (
          <Paper key={run.id} withBorder p="sm">
            <Group justify="space-between">
              <div>
                <Text fw={600}>{run.name}</Text>
                <Text size="sm" c="dimmed">
                  {formatDate(run.createdAt)} · {run.model.name}
                </Text>
              </div>
              <Group gap="sm">
                <Badge variant="light">{METHOD_WORDS[run.config.method].name}</Badge>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => void openRun(run.id).then((failed) => go(failed === null ? 'evaluate' : 'runs'))}
                  aria-label={`Open the run ${run.name}`}
                >
                  Open
                </Button>
              </Group>
            </Group>
          </Paper>
        ))}
      </Stack>
    </Section>
  );
}
