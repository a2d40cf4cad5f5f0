import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../machinery/names.ts';
import { validateByRule } from '../../field-rules.ts';

/** A reference to an object of any kind, by kind and name. */
export function validateLocalReference(
  reference: { readonly apiGroup?: string | null; readonly kind?: string; readonly name?: string },
  path: Path,
  errors: FieldError[],
): void {
  const { apiGroup, kind = '', name = '' } = reference;
  if (apiGroup !== undefined && apiGroup !== null) {
    validateByRule(isDNS1123Subdomain, apiGroup, path.child('apiGroup'), errors);
  }
  if (kind === '') errors.push(path.child('kind').required('kind is required'));
  else validateByRule(isPathSegmentName, kind, path.child('kind'), errors);
  if (name === '') errors.push(path.child('name').required('name is required'));
  else validateByRule(isPathSegmentName, name, path.child('name'), errors);
}
