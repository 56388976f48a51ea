/** A titled card: the building block of every panel. */
import { Group, Paper, Text, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';

export interface SectionProps {
  title: string;
  /** A sentence below the title. */
  about?: ReactNode;
  /** Height kept free in CSS pixels, for what comes and goes inside without moving the rest. */
  minHeight?: number;
  /** Controls at the title's right. */
  actions?: ReactNode;
  children?: ReactNode;
}

export function Section({ title, about, actions, minHeight, children }: SectionProps) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} p={{ base: 'md', sm: 'lg' }} mih={minHeight} withBorder>
      <Group justify="space-between" align="flex-start" gap="sm" mb={about || children ? 'sm' : 0}>
        <div style={{ flex: '1 1 240px', minWidth: 0 }}>
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          {about && (
            <Text size="sm" c="dimmed" mt={4} component="div" maw="70ch">
              {about}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}

/** The heading of a panel. */
export function PanelHeading({ title, about }: { title: string; about: ReactNode }) {
  return (
    <header>
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text c="dimmed" component="div" mt={4} maw="70ch">
        {about}
      </Text>
    </header>
  );
}
