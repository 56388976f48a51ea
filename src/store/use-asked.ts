/** What a dialog asks the worker for when it opens, and again when the question changes. */
import { useEffect, useState } from 'react';
import type { PlainError } from '../base/errors';
import { errorToShow } from './jobs';

/**
 * The newest answer, null before the first, and the error of a question that failed. @param question keep it the same
 * while it asks the same; null asks nothing
 */
export function useAsked<T>(question: (() => Promise<T>) | null): { answer: T | null; error: PlainError | null } {
  const [answer, setAnswer] = useState<T | null>(null);
  const [error, setError] = useState<PlainError | null>(null);
  useEffect(() => {
    if (!question) return;
    let current = true;
    question().then(
      (found) => current && setAnswer(found),
      (thrown: unknown) => current && setError(errorToShow(thrown)),
    );
    return () => {
      current = false;
    };
  }, [question]);
  return { answer, error };
}
