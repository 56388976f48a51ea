/** What is done with a run as a whole, beside opening and deleting it. */
import { Button, Menu } from '@mantine/core';
import { useProjects, useUi } from '../../store';

export function RunMenu({ id, name, disabled }: { id: string; name: string; disabled: boolean }) {
  const { job, duplicate, save } = useProjects();
  const open = useUi((state) => state.open);
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button size="sm" variant="default" disabled={disabled || job !== null} aria-label={`More for ${name}`}>
          More
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => open({ kind: 'rename-run', id, name })}>Rename …</Menu.Item>
        <Menu.Item onClick={() => void duplicate(id)}>Duplicate</Menu.Item>
        <Menu.Item onClick={() => void save(id)}>Export as a project</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
