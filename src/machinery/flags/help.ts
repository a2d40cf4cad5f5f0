/** What `--help` prints. */
import { boolean } from './flag-types.ts';
import type { Flag, Flags, FlagSet } from './flag-set.ts';

export interface HelpText {
  /** What the program does, in a sentence or two. */
  readonly description: string;
  /** How it is called: `kube-apiserver [flags]`. */
  readonly usage: string;
}

/** Wide enough for the longest names and something beside them. */
const minColumns = 60;

/** The help of a program in upstream's form, no line longer than `columns` where words allow it. */
export function helpText<F extends Flags>(set: FlagSet<F>, text: HelpText, columns: number): string {
  const width = Math.max(columns, minColumns);
  const sections = new Map<string, (readonly [string, Flag<unknown>])[]>();
  const help: Flag<boolean> = {
    type: boolean,
    default: false,
    usage: `help for ${set.program}`,
    section: 'Global',
    shorthand: 'h',
  };
  for (const entry of [...Object.entries(set.flags), ['help', help] as const]) {
    const known = sections.get(entry[1].section);
    if (known === undefined) sections.set(entry[1].section, [entry]);
    else known.push(entry);
  }
  const parts = [wrap(text.description, width, ''), '', 'Usage:', `  ${text.usage}`];
  for (const [name, flags] of sections) {
    parts.push('', `${name} flags:`, '');
    for (const [flag, definition] of flags.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const { valueName, usage } = unquoteUsage(definition);
      const shorthand = definition.shorthand === undefined ? '    ' : `-${definition.shorthand}, `;
      const value = valueName === '' ? '' : ` ${valueName}`;
      const shown = definition.type.print(definition.default);
      const sentence = shown === '' ? usage : `${usage} (default ${shown})`;
      parts.push(`  ${shorthand}--${flag}${value}`, wrap(sentence, width, ' '.repeat(16)));
    }
  }
  return `${parts.join('\n')}\n`;
}

/** As pflag does: a word in back quotes in the usage names the value. */
function unquoteUsage({ usage, type }: Flag<unknown>): { valueName: string; usage: string } {
  const [quoted, name] = /`([^`]+)`/.exec(usage) ?? [];
  if (quoted === undefined || name === undefined) return { valueName: type.name, usage };
  return { valueName: name, usage: usage.replace(quoted, name) };
}

function wrap(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/)) {
    if (line.trim() !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
