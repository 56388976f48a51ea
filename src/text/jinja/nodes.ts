/** A template as a tree. `line` counts from 1. */
import type { Value } from './values';

export interface CallArgs {
  list: readonly Expression[];
  named: readonly (readonly [string, Expression])[];
  /** `*values` and `**values`. */
  rest: Expression | null;
  more: Expression | null;
}

export type Compared = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
export type Calculated = '+' | '-' | '*' | '/' | '//' | '%' | '**';

export type Expression = { line: number } & (
  | { kind: 'constant'; value: Value }
  | { kind: 'name'; name: string }
  | { kind: 'namespaced'; name: string; attribute: string }
  | { kind: 'tuple' | 'list' | 'concat'; items: readonly Expression[] }
  | { kind: 'dict'; pairs: readonly (readonly [Expression, Expression])[] }
  | { kind: 'attribute'; of: Expression; name: string }
  | { kind: 'item'; of: Expression; at: Expression }
  | { kind: 'slice'; from: Expression | null; to: Expression | null; step: Expression | null }
  | { kind: 'call'; of: Expression; args: CallArgs }
  /** `of` is null where a block's text is filtered. */
  | { kind: 'filter'; of: Expression | null; name: string; args: CallArgs }
  | { kind: 'test'; of: Expression; name: string; args: CallArgs }
  | { kind: 'not'; of: Expression }
  | { kind: 'sign'; negative: boolean; of: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'choice'; test: Expression; yes: Expression; no: Expression | null }
  | { kind: 'compare'; first: Expression; rest: readonly (readonly [Compared, Expression])[] }
  | { kind: 'math'; operator: Calculated; left: Expression; right: Expression }
);
export type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** The parameters of a macro or of a call block; defaults belong to the last ones. */
export interface Signature {
  names: readonly string[];
  defaults: readonly Expression[];
}

export type Statement = { line: number } & (
  | { kind: 'output'; parts: readonly (string | Expression)[] }
  | {
      kind: 'for';
      target: Expression;
      over: Expression;
      test: Expression | null;
      recursive: boolean;
      body: Body;
      otherwise: Body;
    }
  | { kind: 'if'; branches: readonly { test: Expression; body: Body }[]; otherwise: Body }
  | { kind: 'with'; targets: readonly Expression[]; values: readonly Expression[]; body: Body }
  | { kind: 'set'; target: Expression; value: Expression }
  | { kind: 'set-block'; target: Expression; filter: Expression | null; body: Body }
  | { kind: 'macro'; name: string; signature: Signature; body: Body }
  | { kind: 'call-block'; signature: Signature; call: Of<'call'>; body: Body }
  | { kind: 'filter-block'; filter: Expression; body: Body }
  | { kind: 'block' | 'generation'; body: Body }
  | { kind: 'break' | 'continue' }
);
export type Body = readonly Statement[];
export type StatementOf<K extends Statement['kind']> = Extract<Statement, { kind: K }>;
