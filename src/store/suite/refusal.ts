import type { Key, KeyRange, RequestOp, Txn } from '../contract.ts';
import { ModelStore } from './model.ts';

/** Why a transaction is refused, by the rules of the contract; undefined when it is not. */
export function refusalOf(request: Txn, model: ModelStore): string | undefined {
  if (conflicts(request.success ?? []) === undefined || conflicts(request.failure ?? []) === undefined) {
    return 'etcdserver: duplicate key given in txn request';
  }
  const before = model.last.state;
  // A dry run tells which branches run; only what runs is checked against what there is.
  const check = (txn: Txn): string | undefined => {
    const { succeeded } = new ModelProbe(model).decide(txn);
    for (const op of (succeeded ? txn.success : txn.failure) ?? []) {
      if (op.type !== 'put') continue;
      const { key, ignoreValue, ignoreLease, lease = 0 } = op.put;
      if ((ignoreValue === true || ignoreLease === true) && !before.has(key)) return 'etcdserver: key not found';
      if (lease !== 0 && !model.leases.has(lease)) return 'etcdserver: requested lease not found';
    }
    for (const op of (succeeded ? txn.success : txn.failure) ?? []) {
      const inner = op.type === 'txn' ? check(op.txn) : undefined;
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
  return check(request);
}

/** Evaluates only the conditions of a transaction. */
class ModelProbe {
  readonly #model: ModelStore;

  constructor(model: ModelStore) {
    this.#model = model;
  }

  decide({ compare = [] }: Txn): { succeeded: boolean } {
    const probe = new ModelStore();
    probe.revisions.push({ ...this.#model.last, events: [] });
    return { succeeded: probe.txn({ compare }, 0).succeeded };
  }
}

/** The keys that a list of operations may put and the ranges it may delete; undefined when they meet. */
function conflicts(ops: readonly RequestOp[]): { puts: Key[]; deletes: KeyRange[] } | undefined {
  const puts: Key[] = [];
  const deletes = ops.flatMap((op) => (op.type === 'deleteRange' ? [op.deleteRange] : []));
  const isDeleted = (key: Key): boolean =>
    deletes.some(({ key: start, rangeEnd }) =>
      rangeEnd === undefined ? key === start : key >= start && (rangeEnd === '\0' || key < rangeEnd),
    );
  for (const op of ops) {
    if (op.type !== 'txn') continue;
    const success = conflicts(op.txn.success ?? []);
    const failure = conflicts(op.txn.failure ?? []);
    if (success === undefined || failure === undefined) return undefined;
    const inner = [...new Set([...success.puts, ...failure.puts])];
    if (inner.some((key) => puts.includes(key) || isDeleted(key))) return undefined;
    puts.push(...inner);
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const op of ops) {
    if (op.type !== 'put') continue;
    if (puts.includes(op.put.key) || isDeleted(op.put.key)) return undefined;
    puts.push(op.put.key);
  }
  return { puts, deletes };
}
