/** Names of properties as names of fields in expressions: `a-b` is written `a__dash__b`, `if` is written `__if__`. */

const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const written: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const meant: ReadonlyMap<string, string> = new Map(Object.entries(written).map(([name, text]) => [text, name]));

/** The field that stands for a property; undefined when no expression can name it. */
export function escapeFieldName(property: string): string | undefined {
  if (reservedWords.has(property)) return `__${property}__`;
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(property)) return undefined;
  return property.replaceAll(/__|[.\-/]/g, (part) => written[part] ?? part);
}

/** The property that a field stands for; undefined when it is no escaped name. */
export function unescapeFieldName(field: string): string | undefined {
  let isValid = true;
  const property = field.replaceAll(/__[^_]+__/g, (part) => {
    const word = part.slice(2, -2);
    if (reservedWords.has(word)) {
      isValid &&= part === field;
      return word;
    }
    const name = meant.get(part);
    isValid &&= name !== undefined;
    return name ?? '';
  });
  return isValid ? property : undefined;
}
