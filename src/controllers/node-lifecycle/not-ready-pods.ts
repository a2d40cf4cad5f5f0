import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { formatTime } from '../../machinery/time.ts';
import { isPodReady } from '../pods/pod-state.ts';

/** Takes Pods of a Node that is not ready out of service. Throws after all were tried when one could not be written. */
export async function markNotReady(
  client: Client,
  recorder: EventRecorder,
  some: readonly Pod[],
  nowMs: number,
): Promise<void> {
  const errors: unknown[] = [];
  for (const pod of some) {
    if (!isPodReady(pod)) continue;
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? { ...condition, status: 'False' as const, lastTransitionTime: formatTime(nowMs) }
        : condition,
    );
    try {
      await client.updateStatus(pods, { ...pod, status: { ...pod.status, conditions } });
    } catch (error) {
      if (hasReason(error, 'NotFound')) continue;
      errors.push(error);
    }
    recorder.event(pods, pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join());
}
