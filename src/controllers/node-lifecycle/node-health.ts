import type { Node, NodeCondition } from '../../api/types/core.v1.ts';
import type { Lease } from '../../api/types/coordination.v1.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import { formatTime } from '../../machinery/time.ts';
import { nodeCondition } from '../nodes/node-state.ts';

/** What is remembered of a Node between two looks. */
export interface NodeHealth {
  /** Its Ready condition when it was last seen; undefined: it had none. */
  readonly ready: NodeCondition | undefined;
  /** `renewTime` of its Lease when it last changed. */
  readonly renewTime: string | undefined;
  /** When it last gave a sign of life, on the monotonic clock. */
  readonly probeMs: number;
}

/** What a look at a Node comes to. */
export interface Examination {
  readonly health: NodeHealth;
  /** Its Ready condition as it was found; of a Node that never had one, Unknown since it was created. */
  readonly observed: NodeCondition;
  /** The same after the look. */
  readonly ready: NodeCondition | undefined;
  /** What its conditions are to become; undefined: they are right. */
  readonly conditions: NodeCondition[] | undefined;
}

export interface Moment {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

export interface GracePeriods {
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeStartupGracePeriodMs: number;
}

/** Conditions that a kubelet keeps: what they are is unknown when it is silent. */
const keptByKubelet = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/**
 * Looks whether a Node has given a sign of life since the last look: a heartbeat in its status, or a renewal of its Lease
 * (KEP-589). After a grace period without one, what its kubelet says of it is unknown.
 */
export function examine(
  node: Node,
  lease: Lease | undefined,
  known: NodeHealth | undefined,
  { nowMs, monotonicMs }: Moment,
  periods: GracePeriods,
): Examination {
  const ready = nodeCondition(node, 'Ready');
  const created = node.metadata.creationTimestamp ?? formatTime(nowMs);
  const observed: NodeCondition = ready ?? {
    type: 'Ready',
    status: 'Unknown',
    lastHeartbeatTime: created,
    lastTransitionTime: created,
  };
  const renewTime = lease?.spec?.renewTime ?? undefined;
  const isRenewed =
    renewTime !== undefined && (known?.renewTime === undefined || Date.parse(known.renewTime) < Date.parse(renewTime));
  const health: NodeHealth = {
    ready,
    renewTime: isRenewed ? renewTime : known?.renewTime,
    probeMs: isRenewed ? monotonicMs : lastProbeMs(ready, known, monotonicMs, Date.parse(created) - nowMs),
  };
  const graceMs = ready === undefined ? periods.nodeStartupGracePeriodMs : periods.nodeMonitorGracePeriodMs;
  if (monotonicMs <= health.probeMs + graceMs) return { health, observed, ready, conditions: undefined };
  const conditions = unknownConditions(node, created, formatTime(nowMs));
  const after = nodeCondition({ status: { conditions } }, 'Ready');
  if (deepEqual(after, observed)) return { health, observed, ready: after, conditions: undefined };
  return { health, observed, ready: after, conditions };
}

function lastProbeMs(
  ready: NodeCondition | undefined,
  known: NodeHealth | undefined,
  monotonicMs: number,
  createdInMs: number,
): number {
  // One that never said anything has had since its creation to do so.
  if (ready === undefined && known === undefined) return monotonicMs + createdInMs;
  if (known === undefined) return monotonicMs;
  const isSame =
    (known.ready === undefined) === (ready === undefined) &&
    known.ready?.lastHeartbeatTime === ready?.lastHeartbeatTime;
  return isSame ? known.probeMs : monotonicMs;
}

function unknownConditions({ status }: Node, created: string, now: string): NodeCondition[] {
  const conditions = (status?.conditions ?? []).map((condition): NodeCondition => {
    if (!(keptByKubelet as readonly string[]).includes(condition.type) || condition.status === 'Unknown') {
      return condition;
    }
    const message = 'Kubelet stopped posting node status.';
    return { ...condition, status: 'Unknown', lastTransitionTime: now, reason: 'NodeStatusUnknown', message };
  });
  for (const type of keptByKubelet) {
    if (conditions.some((condition) => condition.type === type)) continue;
    conditions.push({
      type,
      status: 'Unknown',
      lastHeartbeatTime: created,
      lastTransitionTime: now,
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    });
  }
  return conditions;
}
