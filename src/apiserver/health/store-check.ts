import type { Clock } from '../../machinery/clock.ts';
import type { Store } from '../../store/contract.ts';
import type { HealthCheck } from '../../machinery/health-checks.ts';

/** Upstream's `--etcd-healthcheck-timeout`. */
const timeoutMs = 2000;

/** Whether the store answers a read in time. At most one read is under way, however often this is asked. */
export function storeCheck(store: Store, clock: Clock): HealthCheck {
  let pending: Promise<void> | undefined;
  return () => {
    pending ??= readInTime(store, clock).finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

async function readInTime(store: Store, clock: Clock): Promise<void> {
  const overdue = new AbortController();
  const timer = clock.setTimeout(() => overdue.abort(), timeoutMs);
  try {
    await Promise.race([
      store.range({ key: 'health' }),
      new Promise<never>((_, reject) => {
        overdue.signal.addEventListener('abort', () => reject(new Error('error getting data from etcd: timed out')));
      }),
    ]);
  } finally {
    timer.cancel();
  }
}
