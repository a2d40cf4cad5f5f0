import type { FieldError, Path } from '../../../machinery/field-error.ts';

const pullPolicies: ReadonlySet<string> = new Set(['Always', 'IfNotPresent', 'Never']);

/** When an image is pulled. */
export function checkPullPolicy(errors: FieldError[], path: Path, policy: string | undefined): void {
  if (!policy) errors.push(path.required());
  else if (!pullPolicies.has(policy)) errors.push(path.notSupported(policy, pullPolicies));
}
