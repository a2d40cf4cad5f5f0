/**
 * Splits a JSON Pointer (RFC 6901) into its reference tokens, decoded. Undefined when it is not one: neither empty nor
 * beginning with a slash. As upstream's library does, a `~` that begins no escape stands for itself.
 */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  const tokens = pointer.slice(1).split('/');
  return pointer.includes('~') ? tokens.map(decodeToken) : tokens;
}

function decodeToken(token: string): string {
  return token.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~'));
}
