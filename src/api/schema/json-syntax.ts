import { quote } from '../../machinery/quote.ts';

/** A text that is not JSON, in the words of Go's decoder. */
export class JsonSyntaxError extends Error {
  override name = 'JsonSyntaxError';
  /** Bytes read before the error, as Go counts them. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const space = /[ \t\r\n]/;

/** Says what is wrong with a text that JSON.parse refused. `text` has one character per byte. */
export function explainSyntax(text: string): JsonSyntaxError {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.end();
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  return new JsonSyntaxError('invalid JSON', text.length);
}

/** Reads JSON without recursion, stopping at the first byte that cannot be. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Fails on the byte at the current position, which was not expected in this `context`. */
  #fail(context: string): never {
    const character = this.#text[this.#at];
    if (character === undefined) throw new JsonSyntaxError('unexpected end of JSON input', this.#at);
    const shown =
      character === "'" ? String.raw`'\''` : character === '"' ? `'"'` : `'${quote(character).slice(1, -1)}'`;
    throw new JsonSyntaxError(`invalid character ${shown} ${context}`, this.#at + 1);
  }

  #peek(): string {
    while (space.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  value(): void {
    /** Open objects and lists, innermost last. */
    const open: Array<'{' | '['> = [];
    for (;;) {
      const character = this.#peek();
      if (character === '{' || character === '[') {
        this.#at++;
        const close = character === '{' ? '}' : ']';
        if (this.#peek() === close) this.#at++;
        else {
          open.push(character);
          if (character === '{') this.#key();
          continue;
        }
      } else this.#scalar(character);
      if (!this.#afterValue(open)) return;
    }
  }

  /** After a value: closes what closes here; false at the end of the outermost value, true when another one follows. */
  #afterValue(open: Array<'{' | '['>): boolean {
    for (;;) {
      const inside = open.at(-1);
      if (inside === undefined) return false;
      const character = this.#peek();
      if (character === ',') {
        this.#at++;
        if (inside === '{') this.#key();
        return true;
      }
      if (character !== (inside === '{' ? '}' : ']')) {
        this.#fail(inside === '{' ? 'after object key:value pair' : 'after array element');
      }
      this.#at++;
      open.pop();
    }
  }

  #key(): void {
    if (this.#peek() !== '"') this.#fail('looking for beginning of object key string');
    this.#string();
    if (this.#peek() !== ':') this.#fail('after object key');
    this.#at++;
  }

  #scalar(character: string): void {
    if (character === '"') return this.#string();
    if (character === '-' || (character >= '0' && character <= '9')) return this.#number();
    for (const word of ['true', 'false', 'null']) if (character === word[0]) return this.#word(word);
    return this.#fail('looking for beginning of value');
  }

  #word(word: string): void {
    for (const expected of word) {
      if (this.#text[this.#at] !== expected) this.#fail(`in literal ${word} (expecting '${expected}')`);
      this.#at++;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '"') break;
      if (character === undefined || character < ' ') this.#fail('in string literal');
      this.#at++;
      if (character !== '\\') continue;
      const escape = this.#text[this.#at] ?? '';
      if (escape === 'u') {
        this.#at++;
        for (let i = 0; i < 4; i++, this.#at++) {
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
            this.#fail(String.raw`in \u hexadecimal character escape`);
        }
      } else if (escape !== '' && '"\\/bfnrt'.includes(escape)) this.#at++;
      else this.#fail('in string escape code');
    }
    this.#at++;
  }

  #digits(context: string): void {
    if (!/\d/.test(this.#text[this.#at] ?? '')) this.#fail(context);
    while (/\d/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  end(): void {
    if (this.#peek() !== '') this.#fail('after top-level value');
  }
}
