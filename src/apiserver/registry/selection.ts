import type { ResourceDefinition } from '../../api/contract.ts';
import { FieldSelector } from '../../machinery/field-selector.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import { quote } from '../../machinery/quote.ts';
import { badRequest } from '../../machinery/status.ts';
import type { CachedObject } from '../watch/cached-object.ts';

/** Which objects of a resource a list, watch or collection deletion is about. */
export interface Selection {
  readonly matches: (object: CachedObject) => boolean;
  /** Nothing is left out: lists can be counted and copied without asking each object. */
  readonly isEverything: boolean;
  /** The only name that can match, when the field selector names one. */
  readonly name: string | undefined;
}

const everything: Selection = { matches: () => true, isEverything: true, name: undefined };

function fieldOf(object: CachedObject, field: string): string {
  if (field === 'metadata.name') return object.name;
  if (field === 'metadata.namespace') return object.namespace;
  return object.fields?.[field] ?? '';
}

/**
 * Throws 400 for a field that is not selectable, in the words of the kind: those that select by nothing but name and
 * namespace share one sentence, and take the namespace even where there is none.
 */
function checkSelectable(definition: ResourceDefinition, field: string): void {
  const { selectableFields, namespaced, unselectableField } = definition;
  const isPlain = Object.keys(selectableFields).length === 0;
  if (field === 'metadata.name' || (field === 'metadata.namespace' && (namespaced || isPlain))) return;
  if (selectableFields[field] !== undefined) return;
  if (isPlain) {
    throw badRequest(`${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  throw badRequest(unselectableField?.(field) ?? `field label not supported: ${field}`);
}

/** Understands selectors; throws 400 for what cannot be read or is not selectable. */
export function selectionOf(
  definition: ResourceDefinition,
  labelSelector: string,
  fieldSelector: string,
  pathName: string,
): Selection {
  if (labelSelector === '' && fieldSelector === '' && pathName === '') return everything;
  let labels: LabelSelector;
  let fields: FieldSelector;
  try {
    labels = LabelSelector.parse(labelSelector);
    fields = FieldSelector.parse(fieldSelector);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error), error);
  }
  const requirements = fields.requirements;
  for (const { field } of requirements) checkSelectable(definition, field);
  const named = requirements.find(({ field, operator }) => field === 'metadata.name' && operator !== '!=');
  const name = pathName === '' ? named?.value : pathName;
  return {
    matches: (object) =>
      (pathName === '' || object.name === pathName) &&
      labels.matches(object.labels) &&
      fields.matches((field) => fieldOf(object, definition.storage?.fieldNames?.[field] ?? field)),
    isEverything: labels.isEmpty && requirements.length === 0 && pathName === '',
    name,
  };
}
