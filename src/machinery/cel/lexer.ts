/** Cuts an expression into tokens. What is no token is reported in the words of cel-go's lexer, and left out. */
import type { Issue } from './issues.ts';

export type TokenKind =
  | 'identifier'
  | 'escapedIdentifier'
  | 'int'
  | 'uint'
  | 'float'
  | 'string'
  | 'bytes'
  /** An operator, a bracket, or one of the words `in`, `true`, `false`, `null`: the text says which. */
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

const words = new Set(['in', 'true', 'false', 'null']);
const twoCharacters = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const oneCharacter = new Set('[]{}().,-!?:+*/%<>');

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function isHexDigit(character: string | undefined): boolean {
  return character !== undefined && /^[0-9a-fA-F]$/.test(character);
}

function isLetter(character: string | undefined): boolean {
  if (character === undefined) return false;
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character === '_';
}

const prefixLetters = /^[bBrR]$/;

/** Characters of an escape sequence after the backslash and its letter: how many, of which digits. */
const escapes: Readonly<Record<string, { readonly count: number; readonly digits: RegExp }>> = {
  x: { count: 2, digits: /^[0-9a-fA-F]$/ },
  X: { count: 2, digits: /^[0-9a-fA-F]$/ },
  u: { count: 4, digits: /^[0-9a-fA-F]$/ },
  U: { count: 8, digits: /^[0-9a-fA-F]$/ },
  0: { count: 2, digits: /^[0-7]$/ },
  1: { count: 2, digits: /^[0-7]$/ },
  2: { count: 2, digits: /^[0-7]$/ },
  3: { count: 2, digits: /^[0-7]$/ },
};
const simpleEscapes = new Set('abfnrtv"\'\\?`');

export class Lexer {
  readonly #characters: readonly string[];
  readonly #issues: Issue[];
  #at = 0;

  constructor(characters: readonly string[], issues: Issue[]) {
    this.#characters = characters;
    this.#issues = issues;
  }

  /** All tokens; the last one is the end. */
  tokens(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#skipBlanks();
      const start = this.#at;
      if (start >= this.#characters.length) break;
      const kind = this.#next();
      if (kind !== undefined) {
        const text = this.#characters.slice(start, this.#at).join('');
        tokens.push({ kind: kind === 'identifier' && words.has(text) ? 'symbol' : kind, text, position: start });
        continue;
      }
      // The character that fits nowhere is part of what is reported, and is left out with it.
      this.#at = Math.min(this.#at + 1, this.#characters.length);
      const text = this.#characters.slice(start, this.#at).join('');
      const shown = text.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
      this.#issues.push({ position: start, message: `Syntax error: token recognition error at: '${shown}'` });
    }
    tokens.push({ kind: 'end', text: '<EOF>', position: this.#characters.length });
    return tokens;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#characters[this.#at];
      if (character === ' ' || character === '\t' || character === '\n' || character === '\r' || character === '\f') {
        this.#at++;
      } else if (character === '/' && this.#characters[this.#at + 1] === '/') {
        while (this.#at < this.#characters.length && this.#characters[this.#at] !== '\n') this.#at++;
      } else return;
    }
  }

  /** Goes past a token and says what it is; undefined, on the character that does not fit, when it is none. */
  #next(): TokenKind | undefined {
    const first = this.#characters[this.#at] ?? '';
    const second = this.#characters[this.#at + 1];
    if (isDigit(first) || (first === '.' && isDigit(second))) return this.#number();
    if (first === '"' || first === "'") return this.#string(false) ? 'string' : undefined;
    if (isLetter(first)) {
      const prefix = this.#stringPrefix();
      if (prefix !== undefined) {
        this.#at += prefix.length;
        const isRaw = /[rR]/.test(prefix);
        if (!this.#string(isRaw)) return undefined;
        return /[bB]/.test(prefix) ? 'bytes' : 'string';
      }
      while (isLetter(this.#characters[this.#at]) || isDigit(this.#characters[this.#at])) this.#at++;
      return 'identifier';
    }
    if (first === '`') return this.#escapedIdentifier();
    if (twoCharacters.has(first + (second ?? ''))) {
      this.#at += 2;
      return 'symbol';
    }
    if (oneCharacter.has(first)) {
      this.#at++;
      return 'symbol';
    }
    if (first === '&' || first === '|' || first === '=') this.#at++;
    return undefined;
  }

  #stringPrefix(): string | undefined {
    const [first = '', second = '', third = ''] = this.#characters.slice(this.#at, this.#at + 3);
    if (!prefixLetters.test(first)) return undefined;
    if (second === '"' || second === "'") return first;
    const isPair = prefixLetters.test(second) && first.toLowerCase() !== second.toLowerCase();
    return isPair && (third === '"' || third === "'") ? first + second : undefined;
  }

  #digits(isOne: (character: string | undefined) => boolean): number {
    const start = this.#at;
    while (isOne(this.#characters[this.#at])) this.#at++;
    return this.#at - start;
  }

  #number(): TokenKind {
    const isHex = this.#characters[this.#at] === '0' && this.#characters[this.#at + 1] === 'x';
    if (isHex && isHexDigit(this.#characters[this.#at + 2])) {
      this.#at += 2;
      this.#digits(isHexDigit);
      return this.#unsignedSuffix();
    }
    this.#digits(isDigit);
    let isFloat = false;
    if (this.#characters[this.#at] === '.' && isDigit(this.#characters[this.#at + 1])) {
      this.#at++;
      this.#digits(isDigit);
      isFloat = true;
    }
    const exponent = this.#characters[this.#at];
    if (exponent === 'e' || exponent === 'E') {
      const sign = this.#characters[this.#at + 1];
      const skipped = sign === '+' || sign === '-' ? 2 : 1;
      if (isDigit(this.#characters[this.#at + skipped])) {
        this.#at += skipped;
        this.#digits(isDigit);
        isFloat = true;
      }
    }
    return isFloat ? 'float' : this.#unsignedSuffix();
  }

  #unsignedSuffix(): TokenKind {
    const suffix = this.#characters[this.#at];
    if (suffix !== 'u' && suffix !== 'U') return 'int';
    this.#at++;
    return 'uint';
  }

  #escapedIdentifier(): TokenKind | undefined {
    this.#at++;
    const start = this.#at;
    while (/^[a-zA-Z0-9_.\-/ ]$/.test(this.#characters[this.#at] ?? '')) this.#at++;
    if (this.#at === start || this.#characters[this.#at] !== '`') return undefined;
    this.#at++;
    return 'escapedIdentifier';
  }

  /** Goes past quotes and what is between them; false, on the character that does not fit, when they never end. */
  #string(isRaw: boolean): boolean {
    const quote = this.#characters[this.#at] ?? '';
    const isTriple = this.#characters[this.#at + 1] === quote && this.#characters[this.#at + 2] === quote;
    this.#at += isTriple ? 3 : 1;
    for (;;) {
      const character = this.#characters[this.#at];
      if (character === undefined) return false;
      if (character === quote) {
        if (!isTriple) {
          this.#at++;
          return true;
        }
        if (this.#characters[this.#at + 1] === quote && this.#characters[this.#at + 2] === quote) {
          this.#at += 3;
          return true;
        }
      } else if ((character === '\n' || character === '\r') && !isTriple) return false;
      else if (character === '\\' && !isRaw) {
        if (!this.#escape()) return false;
        continue;
      }
      this.#at++;
    }
  }

  #escape(): boolean {
    this.#at++;
    const letter = this.#characters[this.#at] ?? '';
    const escape = escapes[letter];
    if (escape === undefined) {
      if (!simpleEscapes.has(letter)) return false;
      this.#at++;
      return true;
    }
    this.#at++;
    for (let count = 0; count < escape.count; count++) {
      if (!escape.digits.test(this.#characters[this.#at] ?? '')) return false;
      this.#at++;
    }
    return true;
  }
}
