import type { Pod, Service } from '../../api/types/core.v1.ts';
import { readySinceMs } from '../pods/pod-state.ts';
import { formatTime } from '../../machinery/time.ts';

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** When what changed the endpoints of a Service happened, for measuring how long it took to be told. */
export class TriggerTimes {
  readonly #seen = new Map<string, { readonly pods: Map<string, number>; readonly created: string | undefined }>();

  /** The earliest change since the last look; undefined: none that is known. */
  observe(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key);
    const now = new Map<string, number>();
    const changes: number[] = [];
    for (const pod of pods) {
      const sinceMs = readySinceMs(pod);
      if (sinceMs === undefined) continue;
      const { uid = '' } = pod.metadata;
      now.set(uid, sinceMs);
      if (before?.pods.get(uid) !== sinceMs) changes.push(sinceMs);
    }
    const created = service.metadata.creationTimestamp ?? undefined;
    if (before?.created !== created && created !== undefined) changes.push(Date.parse(created));
    this.#seen.set(key, { pods: now, created });
    return changes.length === 0 ? undefined : formatTime(Math.min(...changes));
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
