/** Why a template is not rendered. */

/** What Jinja or Python would raise too: the template is wrong, or does not go with the conversation. */
export class Fault extends Error {}

/** The template's own `raise_exception`: it refuses the conversation. */
export class Refusal extends Fault {}

/** A part of Jinja that is not there: it is named instead of guessed. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(`it uses ${what}, which this app does not support`);
  }
}
