import { goFormat } from '../../machinery/patch/go-format.ts';
import { quote } from '../../machinery/quote.ts';
import { isMap, type JsonMap } from './json.ts';
import { elementOf, ItemError } from './list-items.ts';
import { fieldElement, printElement } from './path-element.ts';
import type { ListNode, ScalarNode, StructNode, TypeNode } from './type-node.ts';

/** An applied object that is not of its type. The message is upstream's and lists everything that is wrong. */
export class TypedError extends Error {
  override name = 'TypedError';

  constructor(problems: readonly string[]) {
    const [first = ''] = problems;
    super(problems.length === 1 ? first : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** Throws a TypedError for what an applied object must not hold: unknown fields, wrong types, items of the same name. */
export function validateTyped(node: TypeNode, value: JsonMap): void {
  const validation = new Validation();
  validation.check(node, value);
  if (validation.problems.length > 0) throw new TypedError(validation.problems);
}

/** Bound on how many problems one answer lists. */
const maxProblems = 100;

/** An item on the way to a value. What it is called is asked for only when something is wrong. */
interface ItemStep {
  readonly list: ListNode;
  readonly item: unknown;
  readonly index: number;
}

class Validation {
  readonly problems: string[] = [];
  /** The way to the value: names of fields, and items. */
  readonly #path: Array<string | ItemStep> = [];

  #report(message: string): void {
    if (this.problems.length >= maxProblems) return;
    const path = this.#path.map((step) => printElement(typeof step === 'string' ? fieldElement(step) : stepTo(step)));
    this.problems.push(path.length === 0 ? message : `${path.join('')}: ${message}`);
  }

  #checkAt(step: string | ItemStep, node: TypeNode, value: unknown): void {
    this.#path.push(step);
    this.check(node, value);
    this.#path.pop();
  }

  check(node: TypeNode, value: unknown): void {
    switch (node.kind) {
      case 'scalar':
        this.#checkScalar(node, value);
        return;
      case 'struct':
        this.#checkStruct(node, value);
        return;
      case 'map':
        if (this.#isMap(value)) for (const key of Object.keys(value)) this.#checkAt(key, node.of, value[key]);
        return;
      case 'list':
        this.#checkList(node, value);
        return;
      default:
    }
  }

  #checkScalar({ type }: ScalarNode, value: unknown): void {
    if (value === null) return;
    switch (type) {
      case 'string':
        if (typeof value !== 'string') {
          this.#report(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
        }
        return;
      case 'boolean':
        if (typeof value !== 'boolean') this.#report(`expected boolean, got &{${goFormat(value)}}`);
        return;
      case 'numeric':
        if (goTypeOf(value) !== 'int64' && goTypeOf(value) !== 'float64') {
          this.#report(`expected numeric (int or float), got ${goTypeOf(value)}`);
        }
        return;
      default:
        if (isMap(value) || Array.isArray(value)) this.#report(`expected any scalar, got &{${goFormat(value)}}`);
    }
  }

  #isMap(value: unknown): value is JsonMap {
    if (isMap(value)) return true;
    if (value !== null) this.#report(`expected map, got &{${goFormat(value)}}`);
    return false;
  }

  #checkStruct(node: StructNode, value: unknown): void {
    if (!this.#isMap(value)) return;
    for (const name of Object.keys(value)) {
      const type = node.field(name)?.node ?? node.of;
      if (type !== undefined) this.#checkAt(name, type, value[name]);
      else {
        this.#path.push(name);
        this.#report('field not declared in schema');
        this.#path.pop();
      }
    }
  }

  #checkList(list: ListNode, value: unknown): void {
    if (!Array.isArray(value)) {
      if (value !== null) this.#report(`expected list, got &{${goFormat(value)}}`);
      return;
    }
    const seen = list.atomic ? undefined : new Set<string>();
    for (const [index, item] of (value as unknown[]).entries()) {
      if (seen !== undefined && !this.#isNamed(list, item, index, seen)) continue;
      this.#checkAt({ list, item, index }, list.of, item);
    }
  }

  /** Whether an item can be told from others. Says so when it cannot. */
  #isNamed(list: ListNode, item: unknown, index: number, seen: Set<string>): boolean {
    try {
      const element = elementOf(list, item);
      if (seen.has(element)) this.#report(`duplicate entries for key ${printElement(element)}`);
      seen.add(element);
      return true;
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      this.#report(`element ${index}: ${error.message}`);
      return false;
    }
  }
}

function stepTo({ list, item, index }: ItemStep): string {
  return list.atomic ? `i:${index}` : elementOf(list, item);
}

/** A value as Go's `%#v` prints it. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isMap(value)) return String(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${quote(key)}:${goSyntax(value[key])}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}

/** What Go's decoder makes of a JSON value. */
function goTypeOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      if (value === null) return '<nil>';
      if (Array.isArray(value)) return '[]interface {}';
      return isMap(value) ? 'map[string]interface {}' : 'int64';
  }
}
