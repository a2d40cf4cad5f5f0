/** How Pods spread over zones and nodes. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import type { TopologySpreadConstraint } from '../../types/core.v1.ts';
import { checkKeysAgainstSelector } from './affinity.ts';
import { checkQualifiedName, hasItems, listOf, mustBePositive, type Maybe } from '../../field-rules.ts';
import type { PodOptions } from './pod-options.ts';

const actions: ReadonlySet<string> = new Set(['DoNotSchedule', 'ScheduleAnyway']);
const inclusions: ReadonlySet<string> = new Set(['Honor', 'Ignore']);

export function checkTopologySpread(
  errors: FieldError[],
  path: Path,
  constraints: Maybe<TopologySpreadConstraint>,
  options: PodOptions,
): void {
  const all = listOf(constraints);
  for (const [index, constraint] of all.entries()) {
    const at = path.index(index);
    checkBasics(errors, at, constraint);
    checkIsOnce(errors, at, constraint, all.slice(index + 1));
    checkMinDomains(errors, at, constraint);
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[field];
      if (policy !== undefined && !inclusions.has(policy))
        errors.push(at.child(field).notSupported(policy, inclusions));
    }
    checkMatchLabelKeys(errors, at.child('matchLabelKeys'), constraint, options);
    if (options.allowInvalidSpreadSelector !== true) {
      errors.push(...validateLabelSelector(constraint.labelSelector, {}, at.child('labelSelector')));
    }
  }
}

function checkBasics(errors: FieldError[], path: Path, constraint: TopologySpreadConstraint): void {
  const { maxSkew = 0 } = constraint;
  if (maxSkew <= 0) errors.push(path.child('maxSkew').invalid(maxSkew, mustBePositive));
  if (!constraint.topologyKey) errors.push(path.child('topologyKey').required('can not be empty'));
  const action: string = constraint.whenUnsatisfiable ?? '';
  if (!actions.has(action)) errors.push(path.child('whenUnsatisfiable').notSupported(action, actions));
}

/** Key and action together tell constraints apart. */
function checkIsOnce(
  errors: FieldError[],
  path: Path,
  constraint: TopologySpreadConstraint,
  rest: readonly TopologySpreadConstraint[],
): void {
  const pairOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string =>
    `{${topologyKey ?? ''}, ${whenUnsatisfiable ?? ''}}`;
  const pair = pairOf(constraint);
  if (rest.some((other) => pairOf(other) === pair)) {
    errors.push(path.child('{topologyKey, whenUnsatisfiable}').duplicate(pair));
  }
}

function checkMinDomains(errors: FieldError[], path: Path, constraint: TopologySpreadConstraint): void {
  const { minDomains, whenUnsatisfiable } = constraint;
  if (minDomains === undefined) return;
  const at = path.child('minDomains');
  if (minDomains <= 0) errors.push(at.invalid(minDomains, mustBePositive));
  if (whenUnsatisfiable === 'DoNotSchedule') return;
  const action: string = whenUnsatisfiable ?? '';
  errors.push(at.invalid(minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`));
}

function checkMatchLabelKeys(
  errors: FieldError[],
  path: Path,
  { matchLabelKeys, labelSelector }: TopologySpreadConstraint,
  options: PodOptions,
): void {
  if (!hasItems(matchLabelKeys) || options.allowInvalidSpreadLabelKeys === true) return;
  if (!labelSelector) errors.push(path.forbidden('must not be specified when labelSelector is not set'));
  for (const [index, key] of listOf(matchLabelKeys).entries()) checkQualifiedName(errors, path.index(index), key);
  checkKeysAgainstSelector(errors, path, matchLabelKeys, labelSelector);
}
