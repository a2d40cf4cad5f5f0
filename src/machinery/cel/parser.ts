/** Reads an expression into a tree: the whole grammar of CEL with optional syntax, messages as cel-go's parser words them. */
import type { CallNode, MapEntry, Node, StructField } from './ast.ts';
import { operators } from './ast.ts';
import { TreeBuilder } from './builder.ts';
import {
  followsPrimary,
  products,
  relations,
  reserved,
  startsOfArgument,
  startsOfElement,
  startsOfEntry,
  startsOfExpression,
  startsOfField,
  startsPrimary,
  sums,
} from './grammar.ts';
import type { Issue } from './issues.ts';
import { Source } from './issues.ts';
import type { Token } from './lexer.ts';
import { Lexer } from './lexer.ts';
import { ParseStop, TokenReader } from './token-reader.ts';
import { readDouble, readInt, readQuoted, readUint } from './literals.ts';
import type { MacroOptions } from './macros.ts';
import { expandMacro, isIssue } from './macros.ts';

/** cel-go's bounds: what is longer or deeper is refused. */
const maxCharacters = 100_000;
const maxDepth = 250;
const maxRecoveries = 30;

export type ParseResult =
  | { readonly ok: true; readonly tree: Node; readonly source: Source }
  | { readonly ok: false; readonly source: Source; readonly issues: readonly Issue[] };

class Parser extends TokenReader {
  readonly #builder = new TreeBuilder();
  readonly #macros: MacroOptions;
  #nesting = 0;
  #recoveries = 0;

  constructor(tokens: readonly Token[], issues: Issue[], macros: MacroOptions) {
    super(tokens, issues);
    this.#macros = macros;
  }

  parse(): Node {
    const tree = this.#expression(startsOfExpression);
    if (this.token.kind !== 'end') this.unexpected('<EOF>', (token) => token.kind === 'end');
    return tree;
  }

  /** `a ? b : c` or what is in it. `expected` is what a message names when there is nothing. */
  #expression(expected: string): Node {
    if (++this.#nesting > maxDepth) {
      this.report(undefined, `expression recursion limit exceeded: ${maxDepth}`);
      throw new ParseStop();
    }
    const condition = this.#chain('||', operators.or, expected);
    const question = this.token;
    let node = condition;
    if (this.accept('?')) {
      const whenTrue = this.#chain('||', operators.or, startsOfExpression);
      this.expect(':');
      const whenFalse = this.#expression(startsOfExpression);
      node = this.#call(question.position, operators.conditional, [condition, whenTrue, whenFalse]);
    }
    this.#nesting--;
    return node;
  }

  #call(position: number, name: string, args: readonly Node[]): Node {
    return this.#bounded(this.#builder.call(position, name, args));
  }

  #bounded<T extends Node>(node: T): T {
    if (node.depth <= maxDepth) return node;
    this.report(undefined, 'max recursion depth exceeded');
    throw new ParseStop();
  }

  #chain(symbol: '||' | '&&', name: string, expected: string): Node {
    const operand = (wanted: string): Node =>
      symbol === '||' ? this.#chain('&&', operators.and, wanted) : this.#relation(wanted);
    const terms = [operand(expected)];
    const positions: number[] = [];
    while (this.is(symbol)) {
      positions.push(this.token.position);
      this.at++;
      terms.push(operand(startsOfExpression));
    }
    const [only] = terms;
    if (only !== undefined && terms.length === 1) return only;
    return this.#bounded(this.#builder.balanced(name, terms, positions));
  }

  #binary(names: ReadonlyMap<string, string>, operand: (expected: string) => Node, expected: string): Node {
    let left = operand(expected);
    for (;;) {
      const token = this.token;
      const name = token.kind === 'symbol' ? names.get(token.text) : undefined;
      if (name === undefined) return left;
      this.at++;
      left = this.#call(token.position, name, [left, operand(startsOfExpression)]);
    }
  }

  #relation(expected: string): Node {
    return this.#binary(relations, (wanted) => this.#sum(wanted), expected);
  }

  #sum(expected: string): Node {
    return this.#binary(sums, (wanted) => this.#product(wanted), expected);
  }

  #product(expected: string): Node {
    return this.#binary(products, (wanted) => this.#unary(wanted), expected);
  }

  #unary(expected: string): Node {
    const first = this.token;
    if (!this.is('!') && !this.is('-')) return this.#member(expected);
    const next = this.peek(1).kind;
    if (first.text === '-' && (next === 'int' || next === 'float')) return this.#member(expected);
    let count = 0;
    while (this.is(first.text)) {
      // The last minus belongs to the number behind it.
      const behind = this.peek(1).kind;
      if (first.text === '-' && count > 0 && (behind === 'int' || behind === 'float')) break;
      this.at++;
      count++;
    }
    const operand = this.#member(startsOfExpression);
    // Two of the same undo each other.
    if (count % 2 === 0) return operand;
    return this.#call(first.position, first.text === '!' ? operators.not : operators.negate, [operand]);
  }

  #member(expected: string): Node {
    let node = this.#primary(expected);
    for (;;) {
      const token = this.token;
      if (this.accept('.')) node = this.#bounded(this.#afterPoint(node, token.position));
      else if (this.accept('[')) {
        const isOptional = this.accept('?');
        const index = this.#expression(startsOfExpression);
        this.expect(']');
        node = this.#call(token.position, isOptional ? operators.optIndex : operators.index, [node, index]);
      } else return node;
    }
  }

  #afterPoint(operand: Node, position: number): Node {
    const isOptional = this.accept('?');
    const token = this.token;
    if (token.kind === 'escapedIdentifier') {
      this.report(token.position, "unsupported syntax: '`'");
    } else if (token.kind !== 'identifier') {
      this.refuseName(position, token);
    }
    this.at++;
    if (isOptional) {
      const name = this.#builder.literal(token.position, token.text);
      return this.#builder.call(position, operators.optSelect, [operand, name]);
    }
    const parenthesis = this.token;
    if (token.kind === 'identifier' && this.accept('(')) {
      const args = this.#arguments();
      return this.#expanded(this.#builder.call(parenthesis.position, token.text, args, operand));
    }
    return this.#builder.select(position, operand, token.text);
  }

  #expanded(call: CallNode): Node {
    const expansion = expandMacro(this.#builder, call, this.#macros);
    if (!isIssue(expansion)) return this.#bounded(expansion);
    this.issues.push(expansion);
    return call;
  }

  #arguments(): Node[] {
    const args: Node[] = [];
    if (this.accept(')')) return args;
    do args.push(this.#expression(args.length === 0 ? startsOfArgument : startsOfExpression));
    while (this.accept(','));
    this.expect(')');
    return args;
  }

  #primary(expected: string): Node {
    for (;;) {
      const node = this.#tryPrimary();
      if (node !== undefined) return node;
      if (followsPrimary(this.token) && !startsPrimary(this.peek(1))) return this.#missing(expected);
      this.#countRecovery(this.token);
      this.unexpected(expected, startsPrimary);
      // What stands there now may be an operator before an operand.
      if (this.is('-') || this.is('!')) return this.#unary(expected);
    }
  }

  #countRecovery({ position }: Token): void {
    if (++this.#recoveries <= maxRecoveries) return;
    this.report(position, `Syntax error: error recovery attempt limit exceeded: ${maxRecoveries}`);
    throw new ParseStop();
  }

  /** Reports an operand that is not there and goes on with what stands in its place, to find more mistakes. */
  #missing(expected: string): Node {
    const token = this.token;
    this.report(token.position, `Syntax error: mismatched input '${token.text}' expecting ${expected}`);
    this.#countRecovery(token);
    return this.#builder.literal(token.position, null);
  }

  #tryPrimary(): Node | undefined {
    const token = this.token;
    if (token.kind === 'identifier') return this.#named('');
    if (token.kind !== 'symbol') return this.#literal(token);
    switch (token.text) {
      case '.':
        if (this.peek(1).kind !== 'identifier') {
          const next = this.peek(1);
          const input = this.textBetween(token.position, next);
          this.report(next.position, `Syntax error: no viable alternative at input '${input}'`);
          throw new ParseStop();
        }
        this.at++;
        return this.#named('.');
      case '(': {
        this.at++;
        const node = this.#expression(startsOfExpression);
        this.expect(')');
        return node;
      }
      case '[':
        return this.#list();
      case '{':
        return this.#map();
      default:
        return this.#literal(token);
    }
  }

  #literal(token: Token): Node | undefined {
    const isNegative = token.text === '-' && token.kind === 'symbol';
    const number = isNegative ? this.peek(1) : token;
    switch (number.kind) {
      case 'int':
      case 'float': {
        this.at += isNegative ? 2 : 1;
        const read = number.kind === 'int' ? readInt : readDouble;
        const name = number.kind === 'int' ? 'int' : 'double';
        return this.#number(token, read(number.text, isNegative), name);
      }
      case 'uint':
        if (isNegative) return undefined;
        this.at++;
        return this.#number(token, readUint(number.text), 'uint');
      case 'string':
      case 'bytes': {
        if (isNegative) return undefined;
        this.at++;
        const reading = readQuoted(token.text);
        if ('value' in reading) return this.#builder.literal(token.position, reading.value);
        this.report(token.position, reading.problem);
        return this.#builder.literal(token.position, '');
      }
      default:
        break;
    }
    if (token.kind !== 'symbol' || !['true', 'false', 'null'].includes(token.text)) return undefined;
    this.at++;
    return this.#builder.literal(token.position, token.text === 'null' ? null : token.text === 'true');
  }

  #number(token: Token, value: Parameters<TreeBuilder['literal']>[1] | undefined, name: string): Node {
    if (value === undefined) this.report(token.position, `invalid ${name} literal`);
    return this.#builder.literal(token.position, value ?? 0);
  }

  /** An identifier, a call of a function, or a message: what begins with a name. */
  #named(point: string): Node {
    const token = this.token;
    const struct = this.#structName();
    if (struct !== undefined) return this.#struct(point + struct);
    this.at++;
    const name = point + token.text;
    const position = point === '' ? token.position : token.position - 1;
    if (reserved.has(token.text)) {
      this.report(position, `reserved identifier: ${token.text}`);
      if (!this.is('(')) return this.#builder.literal(position, null);
    }
    const parenthesis = this.token;
    if (!this.accept('(')) return this.#builder.ident(position, name);
    return this.#expanded(this.#builder.call(parenthesis.position, name, this.#arguments()));
  }

  /** `a.b` of `a.b{`, with the brace as the next token; undefined, and nothing read, when there is no brace. */
  #structName(): string | undefined {
    let ahead = 1;
    while (
      this.peek(ahead).text === '.' &&
      this.peek(ahead).kind === 'symbol' &&
      this.peek(ahead + 1).kind === 'identifier'
    ) {
      ahead += 2;
    }
    const brace = this.peek(ahead);
    if (brace.kind !== 'symbol' || brace.text !== '{') return undefined;
    const name = Array.from({ length: ahead }, (_, index) => this.peek(index).text).join('');
    this.at += ahead;
    return name;
  }

  /** What stands between brackets: items with commas, and perhaps a comma behind them. */
  #items(close: ']' | '}', readItem: (isFirst: boolean) => void): void {
    let isFirst = true;
    while (!this.is(close)) {
      if (isFirst && this.accept(',')) break;
      readItem(isFirst);
      isFirst = false;
      if (!this.is(',') && !this.is(close)) {
        this.unexpected(`{'${close}', ','}`, ({ kind, text }) => kind === 'symbol' && (text === close || text === ','));
      }
      if (!this.accept(',')) break;
    }
    this.expect(close);
  }

  #struct(name: string): Node {
    const brace = this.expect('{');
    const fields: StructField[] = [];
    this.#items('}', () => {
      const isOptional = this.accept('?');
      if (this.token.kind !== 'identifier' && this.token.kind !== 'escapedIdentifier') {
        const expected = isOptional ? '{IDENTIFIER, ESC_IDENTIFIER}' : startsOfField;
        this.unexpected(expected, (next) => next.kind === 'identifier');
      }
      const token = this.token;
      if (token.kind === 'escapedIdentifier') this.report(token.position, "unsupported syntax: '`'");
      this.at++;
      const colon = this.expect(':');
      const id = this.#builder.nextId();
      const value = this.#expression(startsOfExpression);
      fields.push({ id, position: colon.position, name: token.text, value, isOptional });
    });
    return this.#bounded(this.#builder.struct(brace.position, name, fields));
  }

  #list(): Node {
    const bracket = this.expect('[');
    const elements: Node[] = [];
    const optionals = new Set<number>();
    this.#items(']', (isFirst) => {
      if (this.accept('?')) optionals.add(elements.length);
      elements.push(this.#expression(isFirst ? startsOfElement : startsOfExpression));
    });
    return this.#bounded(this.#builder.list(bracket.position, elements, optionals));
  }

  #map(): Node {
    const brace = this.expect('{');
    const entries: MapEntry[] = [];
    this.#items('}', (isFirst) => {
      const isOptional = this.accept('?');
      const key = this.#expression(isFirst ? startsOfEntry : startsOfExpression);
      const colon = this.expect(':');
      const id = this.#builder.nextId();
      const value = this.#expression(startsOfExpression);
      entries.push({ id, position: colon.position, key, value, isOptional });
    });
    return this.#bounded(this.#builder.map(brace.position, entries));
  }
}

export function parse(expression: string, macros: MacroOptions = { hasBind: false }): ParseResult {
  const source = new Source(expression);
  const size = source.characters.length;
  if (size > maxCharacters) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${maxCharacters}`;
    return { ok: false, source, issues: [{ position: undefined, message }] };
  }
  const issues: Issue[] = [];
  const parser = new Parser(new Lexer(source.characters, issues).tokens(), issues, macros);
  try {
    const tree = parser.parse();
    if (issues.length === 0) return { ok: true, tree, source };
  } catch (stop) {
    if (!(stop instanceof ParseStop)) throw stop;
  }
  return { ok: false, source, issues };
}
