import { LabelSelectorError, checkRequirement, labelKeyFault } from './label-requirement.ts';
import type { LabelOperator, LabelRequirement } from './label-requirement.ts';
import { quote } from './quote.ts';

/**
 * The syntax of a label selector:
 *
 *     selector    = [ requirement { "," requirement } ]
 *     requirement = [ "!" ] KEY | KEY ( "=" | "==" | "!=" | ">" | "<" ) [ VALUE ] | KEY ( "in" | "notin" ) "(" values ")"
 *     values      = [ VALUE ] { "," [ VALUE ] }
 *
 * Keys and values are whatever stands between blanks and the symbols `= ! ( ) , > <`; what they may hold is checked
 * after. Messages are upstream's (`k8s.io/apimachinery/pkg/labels`).
 */

type Symbol = '=' | '==' | '!=' | '!' | '(' | ')' | ',' | '>' | '<';

interface Token {
  readonly kind: Symbol | 'identifier' | 'end';
  readonly text: string;
}

const end: Token = { kind: 'end', text: '' };
/** A NUL ends a word, as in upstream's scanner. */
const tokenPattern = /[ \t\r\n]*(?:(==|!=|[=!(),<>])\0?|([^ \t\r\n=!(),<>\0]+)\0?)/y;

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(text); match !== null; match = tokenPattern.exec(text)) {
    const [, symbol, word = ''] = match;
    tokens.push(symbol === undefined ? { kind: 'identifier', text: word } : { kind: symbol as Symbol, text: symbol });
  }
  return tokens;
}

const binaryOperators = new Map<string, LabelOperator>([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = scan(text);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#peek().kind !== 'end') {
      const start = this.#peek();
      if (start.kind !== 'identifier' && start.kind !== '!') {
        throw new LabelSelectorError(`found '${start.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.kind === 'end') break;
      if (next.kind !== ',') {
        throw new LabelSelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      }
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.kind !== '!') {
        throw new LabelSelectorError(`found '${after.text}', expected: identifier after ','`);
      }
    }
    return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  #fail(why: string): never {
    throw new LabelSelectorError(`unable to parse requirement: ${why}`);
  }

  #requirement(): LabelRequirement {
    const isNegated = this.#peek().kind === '!';
    if (isNegated) this.#take();
    const { kind, text: key } = this.#take();
    if (kind !== 'identifier') this.#fail(`found '${key}', expected: identifier`);
    const fault = labelKeyFault(key);
    if (fault !== undefined) this.#fail(`<nil>: Invalid value: ${quote(key)}: ${fault}`);
    const follower = this.#peek().kind;
    if (isNegated || follower === 'end' || follower === ',') {
      return { key, operator: isNegated ? '!' : 'exists', values: [] };
    }
    const operatorToken = this.#take();
    const operator = binaryOperators.get(operatorToken.text);
    if (operator === undefined) this.#fail(`found '${operatorToken.text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#value()];
    try {
      return checkRequirement({ key, operator, values });
    } catch (error) {
      if (error instanceof LabelSelectorError) this.#fail(error.message);
      throw error;
    }
  }

  #value(): string {
    const { kind } = this.#peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.#take();
    if (token.kind !== 'identifier') this.#fail(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `(a,b)`: an empty place between commas is the empty value. Sorted, each once. */
  #values(): string[] {
    const open = this.#take();
    if (open.kind !== '(') this.#fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind !== 'identifier' && first.kind !== ',' && first.kind !== ')') {
      this.#fail(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = new Set<string>();
    for (let isPlaceEmpty = true; ;) {
      const token = this.#take();
      switch (token.kind) {
        case 'identifier': {
          values.add(token.text);
          const next = this.#peek();
          if (next.kind !== ',' && next.kind !== ')') this.#fail(`found '${next.text}', expected: ',' or ')'`);
          isPlaceEmpty = false;
          break;
        }
        case ',':
          if (isPlaceEmpty) values.add('');
          isPlaceEmpty = true;
          break;
        case ')':
          if (isPlaceEmpty) values.add('');
          return [...values].sort();
        default:
          this.#fail(`found '${token.text}', expected: ',', or identifier`);
      }
    }
  }
}

/** Reads a selector's text into requirements, in order of key. Throws a LabelSelectorError with upstream's text. */
export function parseLabelRequirements(text: string): LabelRequirement[] {
  return new Parser(text).parse();
}
