/** The header: the device in use, what left this tab, and the way to runs, settings and the colours. */
import {
  ActionIcon,
  Menu,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import type { BackendName, BackendReport } from '../domain/device';
import { isBusy } from '../domain/run';
import { useDevice, useTraining, useUi } from '../store';
import { formatBytes } from '../ui/format';
import { Icon, type IconName } from '../ui/icons';
import classes from './header.module.css';

const BACKEND_NAMES: Record<BackendName, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'Plain JavaScript' };

export function Header() {
  const open = useUi((state) => state.open);
  return (
    <header className={classes.header}>
      <a href="#/start" className={classes.brand} aria-label="Tabtune, to the start page">
        <img src="./favicon.svg" alt="" width={28} height={28} />
        <span className={classes.brandName}>Tabtune</span>
      </a>
      <div className={classes.facts}>
        <DeviceMenu />
        <Traffic />
      </div>
      <nav aria-label="More" className={classes.tools}>
        <Tooltip label="Runs">
          <ActionIcon component="a" href="#/runs" variant="subtle" color="gray" size="lg" aria-label="Runs">
            <Icon name="runs" />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
        <Tooltip label="Settings">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Settings"
            onClick={() => open({ kind: 'settings' })}
          >
            <Icon name="settings" />
          </ActionIcon>
        </Tooltip>
      </nav>
    </header>
  );
}

function rateInWords({ gflopsPerSecond, usable, reason }: BackendReport): string {
  if (!usable) return reason ?? 'Not usable here';
  return gflopsPerSecond === null ? 'Not measured' : `${gflopsPerSecond.toFixed(1)} GFLOP/s measured`;
}

function DeviceMenu() {
  const { report, measuring, chooseBackend } = useDevice();
  const open = useUi((state) => state.open);
  const training = useTraining((state) => isBusy(state.status));
  const current = report?.backends.find(({ backend }) => backend === report.chosen);
  const name = measuring ? 'Measuring the device …' : (current?.name ?? 'No device yet');
  return (
    <Menu
      position="bottom-start"
      width={320}
      disabled={!report}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton className={classes.fact} aria-label={`Device in use: ${name}`} data-testid="device">
          <Icon name="chip" size={18} />
          <span className={classes.factText}>{name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{training ? 'The device cannot change while a run is under way' : 'Train on'}</Menu.Label>
        <Menu.Item
          disabled={training}
          onClick={() => void chooseBackend(null)}
          leftSection={<Mark shown={report?.chosenBy === 'measured'} />}
        >
          The fastest, as measured
        </Menu.Item>
        {report?.backends.map((backend) => (
          <Menu.Item
            key={backend.backend}
            disabled={training || !backend.usable}
            onClick={() => void chooseBackend(backend.backend)}
            leftSection={<Mark shown={report.chosenBy === 'override' && report.chosen === backend.backend} />}
          >
            {BACKEND_NAMES[backend.backend]}
            <span className={classes.detail}>
              {backend.name}
              {backend.software ? ' (software)' : ''} · {rateInWords(backend)}
            </span>
          </Menu.Item>
        ))}
        {report?.backends.some(({ backend, usable }) => backend === 'webgpu' && usable) && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => open({ kind: 'kernels' })} leftSection={<Mark shown={false} />}>
              GPU kernels …
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Marks the choice in force; takes its room either way, so that the names line up. */
function Mark({ shown }: { shown: boolean }) {
  return (
    <span className={classes.mark}>
      {shown && (
        <>
          <Icon name="evaluate" size={16} />
          <span className="tt-visually-hidden">chosen</span>
        </>
      )}
    </span>
  );
}

function Traffic() {
  const sent = useDevice((state) => state.sentBytes);
  const open = useUi((state) => state.open);
  return (
    <Tooltip
      label={
        'Bytes that this app has sent to any other address. Asking a model hub for a file counts; your data ' +
        'is never sent. Opens what is kept where.'
      }
      multiline
      maw={300}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button
        type="button"
        className={classes.fact}
        data-testid="left-tab"
        aria-haspopup="dialog"
        onClick={() => open({ kind: 'privacy' })}
      >
        <Icon name="lock" size={18} />
        <span className={classes.factText}>
          <span className={classes.long}>Left this tab: </span>
          <strong>{formatBytes(sent)}</strong>
        </span>
      </button>
    </Tooltip>
  );
}

const SCHEMES: { value: MantineColorScheme; name: string; icon: IconName }[] = [
  { value: 'light', name: 'Light', icon: 'sun' },
  { value: 'dark', name: 'Dark', icon: 'moon' },
  { value: 'auto', name: 'As the system', icon: 'auto' },
];

function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = SCHEMES.find(({ value }) => value === colorScheme) ?? SCHEMES[2];
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Colours: ${current?.name ?? ''}`}>
          <Icon name={current?.icon ?? 'auto'} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, name, icon }) => (
          <Menu.Item key={value} leftSection={<Icon name={icon} size={16} />} onClick={() => setColorScheme(value)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
