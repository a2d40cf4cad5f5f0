import type { UserInfo } from '../../../api/contract.ts';

export const nodesGroup = 'system:nodes';
const nodePrefix = 'system:node:';

/**
 * Whether a user is a node, and which: `system:node:<name>` in the group `system:nodes`. A member of the group under
 * another name is nobody's node; without the group, the name alone means nothing.
 */
export function nodeIdentity({ username, groups }: UserInfo): { readonly isNode: boolean; readonly name: string } {
  if (!username.startsWith(nodePrefix) || !groups.includes(nodesGroup)) return notANode;
  return { isNode: true, name: username.slice(nodePrefix.length) };
}

const notANode = { isNode: false, name: '' };
