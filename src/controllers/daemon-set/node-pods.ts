import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import { isPodAvailable, isPodReady } from '../pods/pod-state.ts';
import { hashOfPod } from './daemon-pod.ts';
import type { Eligibility } from './eligibility.ts';
import { allowsSurge } from './limits.ts';

export interface NodePods {
  readonly set: DaemonSet;
  /** Of the newest revision. */
  readonly hash: string;
  readonly eligibility: Eligibility;
  /** Undefined: the node has none. In order of preference. */
  readonly pods: readonly Pod[] | undefined;
  readonly nowMs: number;
}

export interface NodeActions {
  readonly creates: boolean;
  readonly deletes: readonly Pod[];
  /** To be deleted, too, as soon as their back-off allows. */
  readonly failed: readonly Pod[];
  readonly succeeded: readonly Pod[];
}

const nothing: NodeActions = { creates: false, deletes: [], failed: [], succeeded: [] };

/** What is to happen on a node so that it has as many Pods as it should: one, or two while an update surges. */
export function actionsOn({ set, hash, eligibility, pods, nowMs }: NodePods): NodeActions {
  const staying = (pods ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (eligibility === 'none') return { ...nothing, deletes: staying };
  // Without surge, a Pod that is on its way out holds its place: its ports and files are still in use.
  if (pods === undefined) return { ...nothing, creates: eligibility === 'run' };
  const failed = staying.filter(({ status }) => status?.phase === 'Failed');
  const succeeded = staying.filter(({ status }) => status?.phase === 'Succeeded');
  const running = staying.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
  if (!allowsSurge(set)) return { ...nothing, failed, succeeded, deletes: running.slice(1) };
  if (running.length === 0) return { ...nothing, failed, succeeded, creates: eligibility === 'run' };
  if (running.length === 1) return { ...nothing, failed, succeeded };
  return { ...nothing, failed, succeeded, deletes: surplus(running, set.spec.minReadySeconds ?? 0, hash, nowMs) };
}

/** Of each revision one Pod stays, and of these the old one only as long as it works and the new one does not. */
function surplus(running: readonly Pod[], minReadySeconds: number, hash: string, nowMs: number): Pod[] {
  const fresh = running.find((pod) => hashOfPod(pod) === hash);
  const old = running.find((pod) => hashOfPod(pod) !== hash);
  const deletes = running.filter((pod) => pod !== fresh && pod !== old);
  if (fresh === undefined || old === undefined) return deletes;
  if (!isPodReady(old) || isPodAvailable(fresh, minReadySeconds, nowMs)) deletes.push(old);
  return deletes;
}
