/** The frame of the page: header, steps, the panel of the step in view, dialogs. */
import '@mantine/core/styles.css';
import './app.css';
import { Alert, Button, CloseButton, Group, Loader, MantineProvider, Text } from '@mantine/core';
import { Suspense, useEffect, useRef, type ComponentType } from 'react';
import { isBusy } from '../domain/run';
import { begin, boot, useBoot, useDevice, useIntake, useOffline, useSafety, useTraining, useUi } from '../store';
import type { RouteName } from '../store/routes';
import { ErrorNotice } from '../ui/error-notice';
import { Icon } from '../ui/icons';
import { part } from '../ui/part';
import { StartPanel } from '../panels/start/start-panel';
import classes from './app.module.css';
import { Dialogs } from './dialogs';
import { DropZone } from './drop-zone';
import { Header } from './header';
import { Narration } from './narration';
import { PasteZone } from './paste-zone';
import { StepNav } from './step-nav';
import { theme, variables } from './theme';

const TITLES: Record<RouteName, string> = {
  start: 'Start',
  data: 'Data',
  model: 'Model',
  train: 'Train',
  evaluate: 'Evaluate',
  try: 'Try it',
  export: 'Export',
  runs: 'Runs',
};

/** The start page comes with the first bundle, the others when they are opened. */
const PANELS: Record<RouteName, ComponentType> = {
  start: StartPanel,
  data: part(async () => (await import('../panels/data/data-panel')).DataPanel),
  model: part(async () => (await import('../panels/model/model-panel')).ModelPanel),
  train: part(async () => (await import('../panels/train/train-panel')).TrainPanel),
  evaluate: part(async () => (await import('../panels/evaluate/evaluate-panel')).EvaluatePanel),
  try: part(async () => (await import('../panels/playground/playground-panel')).PlaygroundPanel),
  export: part(async () => (await import('../panels/export/export-panel')).ExportPanel),
  runs: part(async () => (await import('../panels/runs/runs-panel')).RunsPanel),
};

let begun = false;

export function App() {
  useEffect(() => {
    // Strict mode mounts twice; the worker is to be started once.
    if (!begun) begin();
    begun = true;
  }, []);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <a className={classes.skip} href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <Header />
      <div className={classes.body}>
        <StepNav />
        <Main />
      </div>
      <footer className={classes.footer}>
        <Text size="xs" c="dimmed">
          Tabtune runs in this tab; your data and models stay in this browser.{' '}
          <a className={classes.notices} href="./THIRD-PARTY-NOTICES.txt">
            Open-source notices
          </a>
        </Text>
      </footer>
      <Dialogs />
      <DropZone />
      <PasteZone />
      <Narration />
      <Announcer />
    </MantineProvider>
  );
}

/** The hash is taken by the routes, so the skip link moves the focus itself. */
function focusMain(event: { preventDefault: () => void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Main() {
  const route = useUi((state) => state.route);
  const main = useRef<HTMLElement>(null);
  const firstView = useRef(true);
  useEffect(() => {
    document.title = route === 'start' ? 'Tabtune' : `${TITLES[route]} · Tabtune`;
    // A new step starts at its top, with the focus on its heading; the first view leaves the focus to the browser.
    if (!firstView.current) {
      window.scrollTo({ top: 0 });
      main.current?.focus({ preventScroll: true });
    }
    firstView.current = false;
  }, [route]);
  const restoring = useBoot((state) => state.restoring);
  const Panel = PANELS[route];
  return (
    <main id="main" ref={main} tabIndex={-1} className={classes.main} aria-label={TITLES[route]}>
      <Notices />
      <Suspense fallback={<Loader aria-label="Opening the step" role="status" mx="auto" mt="xl" display="block" />}>
        {restoring && route !== 'start' ? <Restoring /> : <Panel key={route} />}
      </Suspense>
    </main>
  );
}

/** What stands in for a step while the last session is opened again. */
function Restoring() {
  return (
    <Group justify="center" mt="xl" role="status">
      <Loader size="sm" />
      <Text c="dimmed">Opening what you had here …</Text>
    </Group>
  );
}

/** Trouble that belongs to no single step. */
function Notices() {
  const error = useDevice((state) => state.error);
  const lost = useBoot((state) => state.lost);
  const dismiss = useBoot((state) => state.dismiss);
  const { reading, free } = useSafety();
  return (
    <>
      {error && (
        <ErrorNotice error={error}>
          <Button size="xs" variant="default" onClick={() => void boot()}>
            Start the worker again
          </Button>
        </ErrorNotice>
      )}
      {reading && (
        <Alert color="yellow" icon={<Icon name="lock" />} role="status" data-testid="reading">
          <Group justify="space-between" align="center">
            <Text size="sm" style={{ flex: '1 1 260px' }}>
              {free
                ? 'The other tab with Tabtune has been closed: you can go on here.'
                : 'Tabtune is open in another tab, which alone changes what is kept. Here you can look at data and ' +
                  'runs, try models and export them.'}
            </Text>
            {free && (
              <Button size="xs" onClick={() => window.location.reload()}>
                Work here
              </Button>
            )}
          </Group>
        </Alert>
      )}
      <NewVersion />
      <Dropped />
      {lost !== null && (
        <Alert color="yellow" icon={<Icon name="warning" />} role="status">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Text size="sm">{lost}</Text>
            <CloseButton aria-label="Dismiss this notice" onClick={dismiss} />
          </Group>
        </Alert>
      )}
    </>
  );
}

/** What became of what was dropped, where that is not plain to see. */
function Dropped() {
  const { notice, dismiss } = useIntake();
  if (notice.length === 0) return null;
  return (
    <Alert color="blue" icon={<Icon name="upload" />} role="status" data-testid="dropped">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
          {notice.map((sentence) => (
            <Text size="sm" key={sentence}>
              {sentence}
            </Text>
          ))}
        </div>
        <CloseButton aria-label="Dismiss this notice" onClick={dismiss} />
      </Group>
    </Alert>
  );
}

/** A newer version of the app waits; it is never taken while a run is under way. */
function NewVersion() {
  const { waiting, refused, update } = useOffline();
  const training = useTraining((state) => isBusy(state.status));
  if (!waiting) return null;
  return (
    <Alert color="blue" icon={<Icon name="upload" />} role="status">
      <Group justify="space-between">
        <Text size="sm">
          {refused ??
            (training
              ? 'A new version of Tabtune is ready. It can be used when the run has ended.'
              : 'A new version of Tabtune is ready.')}
        </Text>
        <Button size="xs" variant="default" disabled={training} onClick={() => void update()}>
          Use it now
        </Button>
      </Group>
    </Alert>
  );
}

function Announcer() {
  const sentence = useUi((state) => state.announcement);
  return (
    <div className="tt-visually-hidden" aria-live="polite" role="status">
      {sentence}
    </div>
  );
}
