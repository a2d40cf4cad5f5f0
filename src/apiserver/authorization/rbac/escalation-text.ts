/** How refusals name the rules that somebody would grant without holding them, in upstream's form. */
import type { UserInfo } from '../../../api/contract.ts';
import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import { quote } from '../../../machinery/quote.ts';
import { aggregated } from '../aggregated.ts';

/** @param errors What is wrong with the bindings of the user: some of what they hold may not have been seen. */
export function escalationText(
  { username, groups }: UserInfo,
  missing: readonly PolicyRule[],
  errors: readonly string[],
): string {
  const rules = [...new Set(compactRules(missing).map(describeRule))].sort().join('\n');
  const text = `user ${quote(username)} (groups=${quoteAll(groups)}) is attempting to grant RBAC permissions not currently held:\n${rules}`;
  return errors.length === 0 ? text : `${text}; resolution errors: [${aggregated(errors)}]`;
}

/** Puts the verbs of rules together that are about the same resource, and name, of one group. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compact: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...about } = rule;
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = about;
    const isSimple =
      apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1 && nonResourceURLs.length === 0;
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const known = isSimple ? simple.get(key) : undefined;
    if (known !== undefined) {
      known.verbs = [...(known.verbs ?? []), ...(verbs ?? [])];
      continue;
    }
    const copy = { ...rule };
    compact.push(copy);
    if (isSimple) simple.set(key, copy);
  }
  return compact;
}

function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const;
  const present = parts.flatMap(([name, values]) =>
    values === undefined || values === null || values.length === 0 ? [] : [`${name}:${quoteAll(values)}`],
  );
  return `{${present.join(', ')}}`;
}

function quoteAll(values: readonly string[]): string {
  return `[${values.map(quote).join(' ')}]`;
}
