/** Names of keys on the person's keyboard. */

/** What pastes: "⌘V" on a Mac, "Ctrl+V" elsewhere. */
export const PASTE_KEYS = /Mac|iP(hone|ad)/.test(globalThis.navigator.userAgent) ? '⌘V' : 'Ctrl+V';
