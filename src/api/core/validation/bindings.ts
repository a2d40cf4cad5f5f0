import { root, type FieldError } from '../../../machinery/field-error.ts';
import type { Binding } from '../../types/core.v1.ts';

const target = root('target');

/** What a Pod is bound to: a Node. */
export function validateBinding(binding: Partial<Binding>): FieldError[] {
  const errors: FieldError[] = [];
  const { kind, name } = binding.target ?? {};
  if (kind && kind !== 'Node') errors.push(target.child('kind').notSupported(kind, ['Node', '<empty>']));
  if (!name) errors.push(target.child('name').required());
  return errors;
}
