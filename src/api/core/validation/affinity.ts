/** Where a Pod would rather be, or must be. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { isDNS1123Label, isQualifiedName } from '../../../machinery/names.ts';
import type { Affinity, NodeAffinity, PodAffinity, PodAffinityTerm } from '../../types/core.v1.ts';
import type { LabelSelector } from '../../types/meta.v1.ts';
import { addInvalid, checkQualifiedName, hasItems, listOf, type Maybe } from '../../field-rules.ts';
import { checkNodeSelector, checkNodeSelectorTerm } from './node-selectors.ts';
import type { PodOptions } from './pod-options.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

export function checkAffinity(errors: FieldError[], path: Path, affinity: Affinity, options: PodOptions): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity) checkNodeAffinity(errors, path.child('nodeAffinity'), nodeAffinity, options);
  if (podAffinity) checkPodAffinity(errors, path.child('podAffinity'), podAffinity, options);
  if (podAntiAffinity) checkPodAffinity(errors, path.child('podAntiAffinity'), podAntiAffinity, options);
}

function checkWeight(errors: FieldError[], path: Path, weight = 0): void {
  if (weight <= 0 || weight > 100) errors.push(path.child('weight').invalid(weight, 'must be in the range 1-100'));
}

function checkNodeAffinity(errors: FieldError[], path: Path, affinity: NodeAffinity, options: PodOptions): void {
  const selector = affinity[required];
  if (selector) {
    checkNodeSelector(errors, path.child(required), selector, options.allowInvalidNodeAffinityLabelValue === true);
  }
  for (const [index, { weight, preference }] of listOf(affinity[preferred]).entries()) {
    const at = path.child(preferred).index(index);
    checkWeight(errors, at, weight);
    // What is only preferred may be a value that no node can have.
    checkNodeSelectorTerm(errors, at.child('preference'), preference ?? {}, true);
  }
}

function checkPodAffinity(errors: FieldError[], path: Path, affinity: PodAffinity, options: PodOptions): void {
  for (const [index, term] of listOf(affinity[required]).entries()) {
    checkTerm(errors, path.child(required).index(index), term, options);
  }
  for (const [index, { weight, podAffinityTerm }] of listOf(affinity[preferred]).entries()) {
    const at = path.child(preferred).index(index);
    checkWeight(errors, at, weight);
    checkTerm(errors, at.child('podAffinityTerm'), podAffinityTerm ?? {}, options);
  }
}

function checkTerm(errors: FieldError[], path: Path, term: Partial<PodAffinityTerm>, options: PodOptions): void {
  const { labelSelector, namespaceSelector, topologyKey = '', matchLabelKeys, mismatchLabelKeys } = term;
  const selection = { allowInvalidLabelValueInSelector: options.allowInvalidSelectorLabelValue === true };
  errors.push(...validateLabelSelector(labelSelector, selection, path.child('labelSelector')));
  errors.push(...validateLabelSelector(namespaceSelector, selection, path.child('namespaceSelector')));
  for (const name of listOf(term.namespaces)) addInvalid(errors, path.child('namespace'), name, isDNS1123Label(name));
  checkLabelKeys(errors, path.child('matchLabelKeys'), matchLabelKeys, labelSelector);
  checkLabelKeys(errors, path.child('mismatchLabelKeys'), mismatchLabelKeys, labelSelector);
  checkKeysAgainstSelector(errors, path, matchLabelKeys, labelSelector);
  for (const [index, key] of listOf(matchLabelKeys).entries()) {
    if (!listOf(mismatchLabelKeys).includes(key)) continue;
    const rule = 'exists in both matchLabelKeys and mismatchLabelKeys';
    errors.push(path.child('matchLabelKeys').index(index).invalid(key, rule));
  }
  if (topologyKey === '') errors.push(path.child('topologyKey').required('can not be empty'));
  addInvalid(errors, path.child('topologyKey'), topologyKey, isQualifiedName(topologyKey));
}

function checkLabelKeys(
  errors: FieldError[],
  path: Path,
  keys: Maybe<string>,
  selector: LabelSelector | undefined,
): void {
  if (!hasItems(keys)) return;
  if (!selector) errors.push(path.forbidden('must not be specified when labelSelector is not set'));
  else for (const [index, key] of listOf(keys).entries()) checkQualifiedName(errors, path.index(index), key);
}

/**
 * A key may stand in `matchLabelKeys` or in the selector. By now the server has added a requirement for each of these
 * keys to the selector: one that the client wrote is the second.
 */
export function checkKeysAgainstSelector(
  errors: FieldError[],
  path: Path,
  keys: Maybe<string>,
  selector: LabelSelector | undefined,
): void {
  if (!selector || !hasItems(keys)) return;
  const list = listOf(keys);
  const seen = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key = '' } of listOf(selector.matchExpressions)) {
    const index = list.lastIndexOf(key);
    if (index >= 0 && seen.has(key)) {
      errors.push(path.index(index).invalid(key, 'exists in both matchLabelKeys and labelSelector'));
    }
    seen.add(key);
  }
}
