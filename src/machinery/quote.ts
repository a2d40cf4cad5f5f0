const plain = /^[ !#-[\]-~]*$/;
/** What Go counts as printable: letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escaped(character: string): string {
  const short = named[character];
  if (short !== undefined) return short;
  if (printable.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Quotes a text as Go's `%q` does: upstream's messages show names and values this way. */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text.toWellFormed()) quoted += escaped(character);
  return `${quoted}"`;
}

/** Whether every character is one that Go prints as itself. */
export function isPrintable(text: string): boolean {
  for (const character of text) if (!printable.test(character)) return false;
  return true;
}
