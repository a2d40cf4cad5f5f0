import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { quantityOf } from '../resource-list.ts';
import { mustNotBeNegative } from '../../field-rules.ts';
import { isIntegerResource } from './resource-kinds.ts';

/** An amount of a resource, in canonical form: not negative, and whole where the resource is counted. */
export function checkResourceQuantity(errors: FieldError[], path: Path, name: string, text: string): void {
  if (text.startsWith('-')) errors.push(path.invalid(text, mustNotBeNegative));
  if (isIntegerResource(name) && quantityOf(text).ceil(-3) % 1000n !== 0n) {
    errors.push(path.invalid(text, 'must be an integer'));
  }
}
