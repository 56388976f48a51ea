/**
 * Sharing a kernel's units among threads. The control block holds, as words: 0 a count of calls, 1 whether units are given out, 2 the next
 * unit, 3 how many helpers are at work, 4 kernel, 5 arguments, 6 units, 7 units handed out at once, 8 scratch memory, 9 its bytes a thread.
 * Every unit writes its own part of the result, so that nothing depends on who runs it.
 */
import { run } from './index';

/** How often a waiting thread looks again before it sleeps: some tens of microseconds, less than it takes to wake it up. */
const LOOKS: i32 = 20000;

/** Waits until the word at `address` is no longer `value`. */
function waitWhile(address: usize, value: i32): void {
  for (let look = 0; look < LOOKS; look++) if (atomic.load<i32>(address) !== value) return;
  while (atomic.load<i32>(address) === value) atomic.wait<i32>(address, value, -1);
}

/** Takes units until none is left. */
function takePart(control: usize, thread: i32): void {
  const kernel = load<i32>(control, 16);
  const args = load<usize>(control, 20);
  const units = load<i32>(control, 24);
  const chunk = load<i32>(control, 28);
  const scratch = load<usize>(control, 32) + <usize>thread * load<usize>(control, 36);
  for (;;) {
    const from = atomic.add<i32>(control, chunk, 8);
    if (from >= units) return;
    run(kernel, args, from, min(from + chunk, units), scratch);
  }
}

/** A helper's whole life: waits for calls and takes part in them. It never returns. */
export function serve(control: usize, thread: i32): void {
  let calls = 0;
  for (;;) {
    waitWhile(control, calls);
    calls = atomic.load<i32>(control);
    // Whoever comes late finds the door closed, or helps with the next piece of work; the caller waits only for those inside.
    atomic.add<i32>(control, 1, 12);
    if (atomic.load<i32>(control, 4)) takePart(control, thread);
    if (atomic.sub<i32>(control, 1, 12) === 1) atomic.notify(control + 12, 1);
  }
}

/** Runs the work that words 4 to 9 describe, with the help of whoever serves. The caller is thread 0. */
export function share(control: usize): void {
  atomic.store<i32>(control, 0, 8);
  atomic.store<i32>(control, 1, 4);
  atomic.add<i32>(control, 1);
  atomic.notify(control, -1);
  takePart(control, 0);
  atomic.store<i32>(control, 0, 4);
  for (;;) {
    const inside = atomic.load<i32>(control, 12);
    if (inside === 0) return;
    waitWhile(control + 12, inside);
  }
}
