/** The Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/) as checks. */
import type { PodSpec } from '../../../../api/types/core.v1.ts';
import type { ObjectMeta } from '../../../../api/types/meta.v1.ts';
import { allContainers } from '../pod-references.ts';
import { containerChecks } from './baseline-container.ts';
import { hostChecks } from './baseline-host.ts';
import type { Check, Violation } from './check.ts';
import type { LevelVersion } from './policy.ts';
import { restrictedChecks } from './restricted.ts';

export type { Violation };

function byId(a: Check, b: Check): number {
  return a.id < b.id ? -1 : 1;
}

const baseline = [...hostChecks, ...containerChecks].sort(byId);
const restricted = [...restrictedChecks].sort(byId);

/** In the order in which they are reported: baseline's before restricted's, each by id. */
function checksOf({ level, minor }: LevelVersion): Check[] {
  const isThere = ({ since = 0 }: Check): boolean => since <= minor;
  switch (level) {
    case 'privileged':
      return [];
    case 'baseline':
      return baseline.filter(isThere);
    case 'restricted': {
      const added = restricted.filter(isThere);
      const overridden = new Set(added.flatMap(({ overrides = [] }) => overrides));
      return [...baseline.filter((check) => isThere(check) && !overridden.has(check.id)), ...added];
    }
  }
}

/** What a Pod has against a level, in order. */
export function violationsOf(required: LevelVersion, metadata: ObjectMeta, spec: PodSpec): Violation[] {
  if (required.level === 'privileged') return [];
  const pod = { metadata, spec, containers: allContainers(spec) };
  const found: Violation[] = [];
  for (const check of checksOf(required)) {
    const violation = check.check(pod, required.minor);
    if (violation !== undefined) found.push(violation);
  }
  return found;
}

/** `privileged (container "a" must not …), hostPort (…)`. */
export function detailsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

export function reasonsOf(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
