/**
 * Parts of the page whose code is fetched when it is first needed. When one fails the rest of the page stays, and it
 * can be tried again.
 */
import { Button } from '@mantine/core';
import { Component, lazy, useState, type ComponentType, type ReactNode } from 'react';
import type { PlainError } from '../base/errors';
import { ErrorNotice } from './error-notice';

/** What Vite and the browsers say when code or its styles cannot be fetched. */
const NOT_FETCHED = /preload|dynamically imported module|importing a module/i;

function plainError(error: Error): PlainError {
  if (NOT_FETCHED.test(error.message))
    return {
      code: 'network',
      message: 'This part of the app could not be fetched.',
      fix: 'Check the connection and try again; a run under way goes on meanwhile.',
    };
  return {
    code: 'internal',
    message: `This part of the page has failed: ${error.message}`,
    fix: 'Try again. What is kept in this browser is untouched, and a run under way goes on.',
  };
}

interface BoundaryProps {
  children: ReactNode;
  onRetry: () => void;
}

class Boundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { error: Error } {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    const retry = (): void => {
      this.props.onRetry();
      this.setState({ error: null });
    };
    return (
      <ErrorNotice error={plainError(error)}>
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      </ErrorNotice>
    );
  }
}

/** A component whose code is fetched when it is first shown, or before. */
export type Part<Props> = ComponentType<Props> & {
  /** Fetches the code, so that the part is there at once when it is shown; a failure is told then. */
  fetch: () => Promise<void>;
};

/** Show it below a `Suspense`. */
export function part<Props extends object>(load: () => Promise<ComponentType<Props>>): Part<Props> {
  let known: ComponentType<Props> | null = null;
  const fetched = () => lazy(async () => ({ default: await load() }));
  // A failed fetch is remembered by what `lazy` made, so that trying again needs another one.
  let Fetched = fetched();
  function Part(props: Props) {
    const [Shown, setShown] = useState<ComponentType<Props>>(() => known ?? Fetched);
    const retry = (): void => {
      Fetched = fetched();
      setShown(() => Fetched);
    };
    return (
      <Boundary onRetry={retry}>
        <Shown {...props} />
      </Boundary>
    );
  }
  const fetch = (): Promise<void> =>
    load().then(
      (component) => void (known = component),
      () => undefined,
    );
  return Object.assign(Part, { fetch });
}
