/** Mistakes in an expression with their place, shown as cel-go shows them. */

export interface Issue {
  /** Index of a Unicode character; undefined when the mistake is nowhere in particular. */
  readonly position: number | undefined;
  readonly message: string;
}

/** More are counted, not shown. */
const maxShown = 100;
/** Lines of more bytes are not shown. */
const maxLineBytes = 16_384;

interface Located {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Source text with the starts of its lines. */
export class Source {
  readonly characters: readonly string[];
  readonly #lineStarts: number[] = [0];
  readonly description = '<input>';

  constructor(text: string) {
    this.characters = Array.from(text);
    for (const [index, character] of this.characters.entries()) {
      if (character === '\n') this.#lineStarts.push(index + 1);
    }
  }

  /** Line from 1, column from 0. */
  locate(position: number): { line: number; column: number } {
    let line = this.#lineStarts.findLastIndex((start) => start <= position);
    if (line < 0) line = 0;
    return { line: line + 1, column: position - (this.#lineStarts[line] ?? 0) };
  }

  line(line: number): string[] {
    const start = this.#lineStarts[line - 1] ?? 0;
    const next = this.#lineStarts[line];
    return this.characters.slice(start, next === undefined ? undefined : next - 1);
  }
}

function isWide(character: string): boolean {
  return (character.codePointAt(0) ?? 0) >= 0x80;
}

function display(source: Source, { line, column, message }: Located): string {
  const head = `ERROR: ${source.description}:${line}:${column + 1}: ${message}`;
  if (line < 1) return head;
  const characters = source.line(line);
  const text = characters.join('');
  if (Buffer.byteLength(text) > maxLineBytes) return head;
  const pointed = characters[column];
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? '．' : '.'));
  const caret = pointed !== undefined && isWide(pointed) ? '＾' : '^';
  return `${head}\n | ${text.replaceAll('\t', ' ')}\n | ${dots.join('')}${caret}`;
}

/** All issues, in the order of their place. */
export function formatIssues(source: Source, issues: readonly Issue[]): string {
  const located = issues.map(({ position, message }): Located =>
    position === undefined ? { line: -1, column: -1, message } : { ...source.locate(position), message },
  );
  located.sort((a, b) => a.line - b.line || a.column - b.column);
  const shown = located.slice(0, maxShown).map((issue) => display(source, issue));
  const hidden = located.length - shown.length;
  return hidden > 0 ? `${shown.join('\n')}\n${hidden} more errors were truncated` : shown.join('\n');
}
