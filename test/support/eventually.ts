import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 20;
const defaultTimeoutMs = 20_000;

/** Asks until the answer is yes; rejects with `what` when it stays no. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = defaultTimeoutMs,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`after ${timeoutMs} ms it is still not so: ${what}`);
    await sleep(pollMs);
  }
}
