/**
 * The operation's identifier and tag, from which generators name functions and classes: `listNamespacedPod` under
 * `/api/v1/` becomes `listCoreV1NamespacedPod`, tagged `core_v1`.
 */
export function operationId(verb: string, rest: string, path: string): { readonly id: string; readonly tag: string } {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments[0] === 'api') segments.splice(0, 1, 'apis', 'core');
  if (segments[0] !== 'apis' || segments.length < 2) {
    return { id: verb + identifier(rest, true), tag: identifier(segments[0] ?? '', false) };
  }
  const group = (segments[1] ?? '').replace(/\.k8s\.io$/, '');
  const version = segments[2];
  const place = identifier(group, true) + (version === undefined ? '' : identifier(version, true));
  return {
    id: verb + place + identifier(rest, true),
    tag: identifier(group, false) + (version === undefined ? '' : `_${identifier(version, false)}`),
  };
}

/** Letters, digits and underscores of the text; what followed another character begins with a capital. */
function identifier(text: string, capitalizeFirst: boolean): string {
  let result = '';
  let capitalize = capitalizeFirst;
  for (const [index, character] of [...text].entries()) {
    if (!/[\p{L}_]/u.test(character) && (index === 0 || !/\d/.test(character))) {
      capitalize = true;
      continue;
    }
    result += capitalize ? character.toUpperCase() : character;
    capitalize = false;
  }
  return result;
}
