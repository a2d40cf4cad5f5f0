import type { UserInfo } from '../../../../api/contract.ts';

const namePrefix = 'system:node:';
const nodesGroup = 'system:nodes';

/** The node that a user is: '' when the name does not say which; undefined when it is none. */
export function nodeOf({ username, groups }: UserInfo): string | undefined {
  if (!username.startsWith(namePrefix) || !groups.includes(nodesGroup)) return undefined;
  return username.slice(namePrefix.length);
}
