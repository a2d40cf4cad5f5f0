/** A short way to write the many rules of the bootstrap policy: lists are words with spaces between them. */
import type { PolicyRule } from '../../../../api/types/rbac.v1.ts';

export const read = 'get list watch';
export const write = 'create update patch delete deletecollection';
export const readWrite = `${read} ${write}`;
export const readUpdate = `${read} update patch`;

/** How the core group is called in a list of groups. */
export const core = 'core';

function words(text: string): string[] {
  return text.split(' ').sort();
}

/** In upstream's order: every list is sorted. */
export function rule(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups)
      .map((group) => (group === core ? '' : group))
      .sort(),
    resources: words(resources),
    ...(names === undefined ? {} : { resourceNames: words(names) }),
  };
}

export function urlRule(verbs: string, urls: string): PolicyRule {
  return { verbs: words(verbs), nonResourceURLs: words(urls) };
}

/** What every component may: tell of what it did. */
export const eventsRule = rule('create update patch', 'core events.k8s.io', 'events');

/** Rules by the name of their role. */
export type RoleTable = Readonly<Record<string, readonly PolicyRule[]>>;
