import type { SuccessPolicy, SuccessPolicyRule } from '../../api/types/batch.v1.ts';
import { IndexSet } from './index-set.ts';

/** Which rule declares the Job successful with these indexes succeeded (KEP-3998); undefined: none. */
export function matchSuccessPolicy(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: IndexSet,
): string | undefined {
  if (succeeded.size === 0) return undefined;
  const index = (policy?.rules ?? []).findIndex((rule) => isMet(rule, completions, succeeded));
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}

function isMet(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  completions: number,
  succeeded: IndexSet,
): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
  const required = IndexSet.parse(succeededIndexes, completions);
  if (required.size === 0) return false;
  return required.overlap(succeeded) >= Math.min(required.size, succeededCount ?? Infinity);
}
