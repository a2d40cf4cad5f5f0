import { forbidden, type StatusError } from '../../machinery/status.ts';
import type { Attributes } from './contract.ts';

/** What a refusal calls the object: a name that is yet to be generated is known by its beginning. */
export function nameOf({ name, object }: Attributes): string {
  return name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';
}

/** A plugin's 403 (upstream's `admission.NewForbidden`). */
export function refusal(attributes: Attributes, why: string): StatusError {
  const { group, resource } = attributes.requestKind;
  return forbidden({ group, resource }, nameOf(attributes), why);
}

/** Several reasons in one, as Go prints an aggregate of errors. */
export function aggregated(reasons: readonly string[]): string {
  const distinct = [...new Set(reasons)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}
