import type { Pod } from '../../../../api/types/core.v1.ts';
import type { CachedObject } from '../../../watch/cached-object.ts';
import { printed, type LevelVersion } from './policy.ts';
import { reasonsOf, violationsOf } from './standards.ts';

/** Upstream's bounds on what is looked at while somebody waits. */
const maxPods = 3000;
const maxMs = 1000;

export interface ExistingPods {
  readonly records: readonly CachedObject[];
  parse(record: CachedObject): Pod;
  monotonicMs(): number;
  isExempt(pod: Pod): boolean;
}

/** Warnings about Pods that a namespace has and would not let in any longer. */
export function warningsOf(pods: ExistingPods, namespace: string, enforce: LevelVersion): string[] {
  /** By what is wrong: the first Pod by name, and how many there are. */
  const found = new Map<string, { name: string; count: number }>();
  const endMs = pods.monotonicMs() + maxMs;
  let checked = 0;
  for (const record of pods.records.slice(0, maxPods)) {
    const pod = pods.parse(record);
    checked++;
    const reasons = pods.isExempt(pod) || !pod.spec ? '' : reasonsOf(violationsOf(enforce, pod.metadata, pod.spec));
    if (reasons !== '') {
      const known = found.get(reasons);
      // Records come in order of their names.
      if (known === undefined) found.set(reasons, { name: record.name, count: 1 });
      else known.count++;
    }
    if (pods.monotonicMs() > endMs) break;
  }
  const warnings: string[] = [];
  const total = pods.records.length;
  if (checked < total) {
    warnings.push(`new PodSecurity enforce level only checked against the first ${checked} of ${total} existing pods`);
  }
  if (found.size > 0) {
    warnings.push(
      `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${printed(enforce)}"`,
    );
  }
  const lines = [...found].map(([reasons, { name, count }]) => {
    if (count === 1) return `${name}: ${reasons}`;
    return `${name} (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'}): ${reasons}`;
  });
  return [...warnings, ...lines.sort()];
}
