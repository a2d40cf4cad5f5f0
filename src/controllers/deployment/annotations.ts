/** What a Deployment writes on itself and its ReplicaSets (`pkg/controller/deployment/util`). */
import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';
/** A revision that was reached again is appended to the history, which is cut at this length. */
const maxHistoryLength = 2000;

/** Of the Deployment alone: its ReplicaSets do not get them. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
]);

type Annotated = Pick<Deployment | ReplicaSet, 'metadata'>;

const maxRevision = 2n ** 63n - 1n;

/** A 64-bit integer; 0 when there is none. */
export function revisionOf({ metadata }: Annotated): bigint {
  return parseRevision(metadata.annotations?.[revisionAnnotation]);
}

function parseRevision(text: string | undefined): bigint {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return 0n;
  const revision = BigInt(text);
  return revision > maxRevision ? 0n : revision;
}

/** In ascending order, for `toSorted`. */
export function compareRevisions(a: Annotated, b: Annotated): number {
  const [revisionOfA, revisionOfB] = [revisionOf(a), revisionOf(b)];
  return revisionOfA < revisionOfB ? -1 : revisionOfA > revisionOfB ? 1 : 0;
}

/** The most Pods that there might be of a ReplicaSet's Deployment when it was last scaled; undefined: not known. */
export function maxReplicasOf({ metadata }: ReplicaSet): number | undefined {
  const value = metadata.annotations?.[maxReplicasAnnotation];
  return value === undefined || !/^\d+$/.test(value) ? undefined : Number(value);
}

/** The replicas that its Deployment asked for when a ReplicaSet was last scaled; undefined: not known. */
export function desiredReplicasOf({ metadata }: ReplicaSet): number | undefined {
  const value = metadata.annotations?.[desiredReplicasAnnotation];
  return value === undefined || !/^\d+$/.test(value) ? undefined : Number(value);
}

export function replicasAnnotations(desired: number, max: number): Record<string, string> {
  return { [desiredReplicasAnnotation]: String(desired), [maxReplicasAnnotation]: String(max) };
}

/** What the newest ReplicaSet of a Deployment is annotated with, at this revision at least. */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  current: Readonly<Record<string, string>>,
  revision: bigint,
): Record<string, string> {
  const annotations: Record<string, string> = { ...current };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(key)) annotations[key] = value;
  }
  const old = current[revisionAnnotation];
  const oldRevision = parseRevision(old);
  if (oldRevision >= revision) return annotations;
  annotations[revisionAnnotation] = String(revision);
  if (old !== undefined && oldRevision > 0n) {
    const history = (current[revisionHistoryAnnotation] ?? '').split(',').filter((one) => one !== '');
    history.push(old);
    while (history.join(',').length > maxHistoryLength) history.shift();
    annotations[revisionHistoryAnnotation] = history.join(',');
  }
  return annotations;
}
