import type { Path } from '../../machinery/field-error.ts';
import { isLabelValue } from '../../machinery/names.ts';
import type { NodeSelectorTerm } from '../types/core.v1.ts';
import type { LabelSelector } from '../types/meta.v1.ts';

/** Labels of Nodes that have a successor (https://kubernetes.io/docs/reference/labels-annotations-taints/). */
const successors: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** What is said of a label that is deprecated on Nodes; undefined of others. */
export function nodeLabelDeprecation(label: string | undefined): string | undefined {
  return label === undefined ? undefined : successors.get(label);
}

interface Expression {
  readonly key?: string;
  readonly values?: readonly string[] | null;
}

function expressionWarnings(expressions: readonly Expression[] | null | undefined, path: Path): string[] {
  const warnings: string[] = [];
  for (const [index, { key = '' }] of (expressions ?? []).entries()) {
    const message = nodeLabelDeprecation(key);
    if (message === undefined) continue;
    warnings.push(`${path.child('matchExpressions').index(index).child('key')}: ${key} is ${message}`);
  }
  return warnings;
}

/** @param checkValues Whether values that no label can have are warned of: where they are not refused. */
export function nodeSelectorTermWarnings(
  term: NodeSelectorTerm | null | undefined,
  path: Path,
  checkValues = false,
): string[] {
  if (!term) return [];
  const warnings = expressionWarnings(term.matchExpressions, path);
  if (!checkValues) return warnings;
  for (const [index, { values }] of (term.matchExpressions ?? []).entries()) {
    for (const [at, value] of (values ?? []).entries()) {
      const where = path.child('matchExpressions').index(index).child('values').index(at);
      for (const message of isLabelValue(value)) warnings.push(`${where}: ${value} is invalid, ${message}`);
    }
  }
  return warnings;
}

/** Of a label selector that selects Nodes. */
export function nodeLabelSelectorWarnings(selector: LabelSelector | null | undefined, path: Path): string[] {
  if (!selector) return [];
  const warnings = expressionWarnings(selector.matchExpressions, path);
  for (const label of Object.keys(selector.matchLabels ?? {})) {
    const message = nodeLabelDeprecation(label);
    if (message !== undefined) warnings.push(`${path.child('matchLabels').child(label)}: ${message}`);
  }
  return warnings;
}
