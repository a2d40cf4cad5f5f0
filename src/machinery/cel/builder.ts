/** Makes nodes of the tree: numbers them and knows how deep they go. */
import type {
  CallNode,
  IdentNode,
  ListNode,
  LiteralNode,
  MapEntry,
  MapNode,
  Node,
  StructField,
  StructNode,
} from './ast.ts';
import type { CelValue } from './values.ts';

const noOptionals: ReadonlySet<number> = new Set();

export class TreeBuilder {
  #lastId = 0;

  nextId(): number {
    return ++this.#lastId;
  }

  literal(position: number, value: CelValue): LiteralNode {
    return { kind: 'literal', id: this.nextId(), position, depth: 1, value };
  }

  ident(position: number, name: string): IdentNode {
    return { kind: 'ident', id: this.nextId(), position, depth: 1, name };
  }

  select(position: number, operand: Node, field: string, isTest = false): Node {
    return { kind: 'select', id: this.nextId(), position, depth: operand.depth + 1, operand, field, isTest };
  }

  call(position: number, name: string, args: readonly Node[], target?: Node): CallNode {
    let depth = target?.depth ?? 0;
    for (const arg of args) depth = Math.max(depth, arg.depth);
    const base = { kind: 'call', id: this.nextId(), position, depth: depth + 1, name, args } as const;
    return target === undefined ? base : { ...base, target };
  }

  list(position: number, elements: readonly Node[], optionals: ReadonlySet<number> = noOptionals): ListNode {
    const depth = elements.reduce((most, element) => Math.max(most, element.depth), 0) + 1;
    return { kind: 'list', id: this.nextId(), position, depth, elements, optionals };
  }

  map(position: number, entries: readonly MapEntry[]): MapNode {
    const depth = entries.reduce((most, entry) => Math.max(most, entry.key.depth, entry.value.depth), 0) + 1;
    return { kind: 'map', id: this.nextId(), position, depth, entries };
  }

  struct(position: number, name: string, fields: readonly StructField[]): StructNode {
    const depth = fields.reduce((most, field) => Math.max(most, field.value.depth), 0) + 1;
    return { kind: 'struct', id: this.nextId(), position, depth, name, fields };
  }

  comprehension(
    macro: CallNode,
    range: Node,
    iterVar: string,
    iterVar2: string | undefined,
    accuVar: string,
    loop: { readonly accuInit: Node; readonly condition: Node; readonly step: Node; readonly result: Node },
  ): Node {
    const { accuInit, condition, step, result } = loop;
    const depth = Math.max(range.depth, accuInit.depth, condition.depth, step.depth, result.depth) + 1;
    const base = {
      kind: 'comprehension',
      id: this.nextId(),
      position: macro.position,
      depth,
      iterVar,
      range,
      accuVar,
      accuInit,
      condition,
      step,
      result,
      macro,
    } as const;
    return iterVar2 === undefined ? base : { ...base, iterVar2 };
  }

  /** `a && b && c && d` as a balanced tree, so that a long chain is not deep. */
  balanced(name: string, terms: readonly Node[], positions: readonly number[]): Node {
    const build = (low: number, high: number): Node => {
      const middle = (low + high + 1) >> 1;
      const left = middle === low ? terms[middle] : build(low, middle - 1);
      const right = middle === high ? terms[middle + 1] : build(middle + 1, high);
      if (left === undefined || right === undefined) throw new RangeError('a chain needs one term more than operators');
      return this.call(positions[middle] ?? 0, name, [left, right]);
    };
    return build(0, positions.length - 1);
  }
}
