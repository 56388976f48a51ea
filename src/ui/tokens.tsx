/** Tokens in a row, each in a box of its own. */
import type { ReactNode } from 'react';
import classes from './tokens.module.css';

export function Tokens({ children }: { children: ReactNode }) {
  return <ul className={classes.tokens}>{children}</ul>;
}

export interface TokenProps {
  children: string;
  title: string;
  /** Put in by the tokenizer. */
  special?: boolean;
  /** 1: of the second text. */
  segment?: 0 | 1;
  /** Whether the model learns to write it, where some are only read. */
  trained?: boolean;
}

export function Token({ children, title, special, segment, trained }: TokenProps) {
  return (
    <li className={classes.token} title={title} data-special={special} data-segment={segment} data-trained={trained}>
      {children}
    </li>
  );
}
