/** Gives the thread's other work (messages, timers) a turn between two pieces of long work. */

/** Resolves in a new task. A message channel has no minimum delay, unlike a timer. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
