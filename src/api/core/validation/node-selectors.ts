/** Which nodes a Pod or a volume may be on. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain, isLabelValue, isQualifiedName } from '../../../machinery/names.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../types/core.v1.ts';
import { addInvalid, listOf } from '../../field-rules.ts';

/** @param allowInvalidValues Values that no label can have: an object of old has such. */
export function checkNodeSelector(
  errors: FieldError[],
  path: Path,
  selector: NodeSelector,
  allowInvalidValues: boolean,
): void {
  const terms = listOf(selector.nodeSelectorTerms);
  const at = path.child('nodeSelectorTerms');
  if (terms.length === 0) errors.push(at.required('must have at least one node selector term'));
  for (const [index, term] of terms.entries()) checkNodeSelectorTerm(errors, at.index(index), term, allowInvalidValues);
}

export function checkNodeSelectorTerm(
  errors: FieldError[],
  path: Path,
  term: Partial<NodeSelectorTerm>,
  allowInvalidValues: boolean,
): void {
  for (const [index, requirement] of listOf(term.matchExpressions).entries()) {
    checkLabelRequirement(errors, path.child('matchExpressions').index(index), requirement, allowInvalidValues);
  }
  for (const [index, requirement] of listOf(term.matchFields).entries()) {
    checkFieldRequirement(errors, path.child('matchFields').index(index), requirement);
  }
}

function checkLabelRequirement(
  errors: FieldError[],
  path: Path,
  requirement: NodeSelectorRequirement,
  allowInvalidValues: boolean,
): void {
  const { key = '' } = requirement;
  const operator: string = requirement.operator ?? '';
  const values = listOf(requirement.values);
  const at = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(at.required("must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(at.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(at.required("must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else errors.push(path.child('operator').invalid(operator, 'not a valid selector operator'));
  addInvalid(errors, path.child('key'), key, isQualifiedName(key));
  if (allowInvalidValues) return;
  for (const [index, value] of values.entries()) addInvalid(errors, at.index(index), value, isLabelValue(value));
}

/** Of the fields of a Node only its name can be asked for. */
function checkFieldRequirement(errors: FieldError[], path: Path, requirement: NodeSelectorRequirement): void {
  const { key = '' } = requirement;
  const operator: string = requirement.operator ?? '';
  const values = listOf(requirement.values);
  const at = path.child('values');
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(path.child('operator').invalid(operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    errors.push(at.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== 'metadata.name') errors.push(path.child('key').invalid(key, 'not a valid field selector key'));
  else
    for (const [index, value] of values.entries())
      addInvalid(errors, at.index(index), value, isDNS1123Subdomain(value));
}
