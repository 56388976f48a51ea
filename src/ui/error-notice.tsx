/** An error as a person can act on it: what happened, where, and what to do next. */
import { Alert, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ErrorPlace, PlainError } from '../base/errors';
import { formatCount } from './format';
import { Icon } from './icons';

/** The known parts of a place, in words. */
export function placeInWords(place: ErrorPlace): string {
  const parts = [
    place.file,
    place.row !== undefined && `row ${formatCount(place.row)}`,
    place.line !== undefined && `line ${formatCount(place.line)}`,
    place.column !== undefined && `column “${place.column}”`,
    place.tensor !== undefined && `tensor “${place.tensor}”`,
    place.offset !== undefined && `byte ${formatCount(place.offset)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(' · ');
}

export function ErrorNotice({ error, children }: { error: PlainError; children?: ReactNode }) {
  const place = error.place ? placeInWords(error.place) : '';
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<Icon name="warning" />}
      title={error.message}
      data-error={error.code}
    >
      {place && (
        <Text size="sm" fw={500}>
          Where: {place}
        </Text>
      )}
      {error.fix && <Text size="sm">What to do: {error.fix}</Text>}
      {children && <Group mt="sm">{children}</Group>}
    </Alert>
  );
}
