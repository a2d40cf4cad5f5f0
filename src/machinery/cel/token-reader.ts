/** Goes along tokens and reports what is not expected, as a parser made by ANTLR does. */
import type { Issue } from './issues.ts';
import { mayFollow } from './grammar.ts';
import type { Token } from './lexer.ts';

/** Ends the parse; what is wrong is among the issues already. */
export class ParseStop {
  readonly isParseStop = true;
}

export class TokenReader {
  protected readonly tokens: readonly Token[];
  protected readonly issues: Issue[];
  protected at = 0;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.tokens = tokens;
    this.issues = issues;
  }

  protected get token(): Token {
    return this.peek(0);
  }

  protected peek(ahead: number): Token {
    const token = this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
    if (token === undefined) throw new ParseStop();
    return token;
  }

  protected is(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  protected report(position: number | undefined, message: string): void {
    this.issues.push({ position, message });
  }

  /** Leaves one token out when what is expected stands behind it; gives up otherwise. */
  protected unexpected(expected: string, isExpected: (token: Token) => boolean): void {
    const token = this.token;
    const isExtra = token.kind !== 'end' && isExpected(this.peek(1));
    const what = isExtra ? 'extraneous' : 'mismatched';
    this.report(token.position, `Syntax error: ${what} input '${token.text}' expecting ${expected}`);
    if (!isExtra) throw new ParseStop();
    this.at++;
  }

  /** Goes on as if the symbol had been there when what stands there may come after it. */
  protected expect(text: string): Token {
    const token = this.token;
    if (!this.is(text)) {
      const next = this.peek(1);
      const isBehind = token.kind !== 'end' && next.kind === 'symbol' && next.text === text;
      if (!isBehind && mayFollow(text, token)) {
        this.report(token.position, `Syntax error: missing '${text}' at '${token.text}'`);
        return token;
      }
      this.unexpected(`'${text}'`, (other) => other.kind === 'symbol' && other.text === text);
    }
    const found = this.token;
    this.at++;
    return found;
  }

  protected textBetween(position: number, last: Token): string {
    const tokens = this.tokens.filter((token) => token.position >= position && token.position <= last.position);
    return tokens.map(({ kind, text }) => (kind === 'end' ? '' : text)).join('');
  }

  /** For what stands behind a point and is no name. */
  protected refuseName(position: number, token: Token): never {
    if (token.kind === 'symbol' && /^[a-z]/.test(token.text)) {
      this.report(token.position, `Syntax error: mismatched input '${token.text}' expecting IDENTIFIER`);
    } else {
      const input = this.textBetween(position, token);
      this.report(token.position, `Syntax error: no viable alternative at input '${input}'`);
    }
    throw new ParseStop();
  }
}
