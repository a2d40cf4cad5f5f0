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
  const problems: string[] = [];
  new Validation(problems).check(node, value, '');
  if (problems.length > 0) throw new TypedError(problems);
}

/** Bound on how many problems one answer lists. */
const maxProblems = 100;

class Validation {
  readonly #problems: string[];

  constructor(problems: string[]) {
    this.#problems = problems;
  }

  #report(path: string, message: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(path === '' ? message : `${path}: ${message}`);
  }

  check(node: TypeNode, value: unknown, path: string): void {
    switch (node.kind) {
      case 'scalar':
        this.#checkScalar(node, value, path);
        return;
      case 'struct':
        this.#checkStruct(node, value, path);
        return;
      case 'map':
        if (this.#isMap(value, path)) {
          for (const key of Object.keys(value)) this.check(node.of, value[key], path + printElement(fieldElement(key)));
        }
        return;
      case 'list':
        this.#checkList(node, value, path);
        return;
      default:
    }
  }

  #checkScalar({ type }: ScalarNode, value: unknown, path: string): void {
    if (value === null) return;
    switch (type) {
      case 'string':
        if (typeof value !== 'string')
          this.#report(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
        return;
      case 'boolean':
        if (typeof value !== 'boolean') this.#report(path, `expected boolean, got &{${goFormat(value)}}`);
        return;
      case 'numeric':
        if (goTypeOf(value) !== 'int64' && goTypeOf(value) !== 'float64') {
          this.#report(path, `expected numeric (int or float), got ${goTypeOf(value)}`);
        }
        return;
      default:
        if (isMap(value) || Array.isArray(value)) this.#report(path, `expected any scalar, got &{${goFormat(value)}}`);
    }
  }

  #isMap(value: unknown, path: string): value is JsonMap {
    if (isMap(value)) return true;
    if (value !== null) this.#report(path, `expected map, got &{${goFormat(value)}}`);
    return false;
  }

  #checkStruct(node: StructNode, value: unknown, path: string): void {
    if (!this.#isMap(value, path)) return;
    for (const name of Object.keys(value)) {
      const at = path + printElement(fieldElement(name));
      const type = node.field(name)?.node ?? node.of;
      if (type === undefined) this.#report(at, 'field not declared in schema');
      else this.check(type, value[name], at);
    }
  }

  #checkList(node: ListNode, value: unknown, path: string): void {
    if (!Array.isArray(value)) {
      if (value !== null) this.#report(path, `expected list, got &{${goFormat(value)}}`);
      return;
    }
    const seen = node.atomic || value.length < 2 ? undefined : new Set<string>();
    for (const [index, item] of (value as unknown[]).entries()) {
      let at = `${path}[${index}]`;
      if (!node.atomic) {
        try {
          const element = elementOf(node, item);
          at = path + printElement(element);
          if (seen?.has(element) === true) this.#report(path, `duplicate entries for key ${printElement(element)}`);
          seen?.add(element);
        } catch (error) {
          if (!(error instanceof ItemError)) throw error;
          this.#report(path, `element ${index}: ${error.message}`);
          continue;
        }
      }
      this.check(node.of, item, at);
    }
  }
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
