import type { KubernetesObject } from '../../../api/contract.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Lister } from '../lister.ts';

/** Resolves as soon as an object is there, and in any case after `limitMs`. */
export function appearance(
  lister: Lister<KubernetesObject>,
  namespace: string,
  name: string,
  clock: Clock,
  limitMs: number,
): Promise<void> {
  if (lister.record(namespace, name) !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      lister.cache.unlisten(listener);
      resolve();
    };
    const listener = {
      onEvent(): void {
        if (lister.record(namespace, name) !== undefined) end();
      },
    };
    const timer = clock.setTimeout(end, limitMs);
    lister.cache.listen(listener);
  });
}
