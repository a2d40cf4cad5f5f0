// A store as plain as can be: a copy of everything for every revision. What the real ones are compared with.
import type {
  Compare,
  HistoryEntry,
  Key,
  KeyRange,
  KeyValue,
  LeaseId,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  Revision,
  Txn,
  TxnRequest,
  TxnResponse,
  WatchEvent,
  WatchRequest,
} from '../contract.ts';

type State = Map<Key, KeyValue>;

interface ModelRevision {
  readonly revision: Revision;
  readonly timeMs: number;
  readonly note: Uint8Array | undefined;
  readonly events: readonly Required<Pick<WatchEvent, 'type' | 'kv'>>[];
  /** Everything after it. */
  readonly state: State;
}

const empty = new Uint8Array(0);

function isIn(range: KeyRange, key: Key): boolean {
  if (range.rangeEnd === undefined) return key === range.key;
  return key >= range.key && (range.rangeEnd === '\0' || key < range.rangeEnd);
}

function select(state: State, range: KeyRange): KeyValue[] {
  return [...state.values()].filter(({ key }) => isIn(range, key)).sort((a, b) => (a.key < b.key ? -1 : 1));
}

export class ModelStore {
  readonly revisions: ModelRevision[] = [{ revision: 1, timeMs: 0, note: undefined, events: [], state: new Map() }];
  compactRevision: Revision = 0;
  readonly leases = new Set<LeaseId>();

  get last(): ModelRevision {
    const last = this.revisions.at(-1);
    if (last === undefined) throw new Error('a model has at least one revision');
    return last;
  }

  get revision(): Revision {
    return this.last.revision;
  }

  stateAt(revision: Revision): State {
    return this.revisions[revision - 1]?.state ?? new Map<Key, KeyValue>();
  }

  range(request: RangeRequest): RangeResponse {
    const at = request.revision ?? 0;
    return this.#range(this.stateAt(at > 0 ? at : this.revision), request, this.revision);
  }

  #range(state: State, request: RangeRequest, revision: Revision): RangeResponse {
    const all = select(state, request);
    const { minModRevision = 0, maxModRevision = 0, minCreateRevision = 0, maxCreateRevision = 0 } = request;
    let kvs = all
      .filter(
        ({ modRevision }) => modRevision >= minModRevision && (maxModRevision === 0 || modRevision <= maxModRevision),
      )
      .filter(({ createRevision }) => createRevision >= minCreateRevision)
      .filter(({ createRevision }) => maxCreateRevision === 0 || createRevision <= maxCreateRevision);
    const field = { version: 'version', create: 'createRevision', mod: 'modRevision' } as const;
    const target = request.sortTarget ?? 'key';
    if (target === 'value') kvs.sort((a, b) => Buffer.compare(a.value, b.value));
    else if (target !== 'key') kvs.sort((a, b) => a[field[target]] - b[field[target]]);
    if (request.sortOrder === 'descend') {
      if (target === 'key') kvs.reverse();
      else if (target === 'value') kvs.sort((a, b) => Buffer.compare(b.value, a.value));
      else kvs.sort((a, b) => b[field[target]] - a[field[target]]);
    }
    const limit = request.limit ?? 0;
    const more = limit > 0 && kvs.length > limit && request.countOnly !== true;
    if (limit > 0) kvs = kvs.slice(0, limit);
    if (request.countOnly === true) kvs = [];
    if (request.keysOnly === true) kvs = kvs.map((kv) => ({ ...kv, value: empty }));
    return { revision, kvs, more, count: all.length };
  }

  txn(request: TxnRequest, timeMs: number): TxnResponse {
    const state = new Map(this.last.state);
    const events: { type: 'put' | 'delete'; kv: KeyValue }[] = [];
    const revision = this.revision + 1;
    const before = this.last.state;
    const current = (): Revision => (events.length > 0 ? revision : revision - 1);
    const run = (txn: Txn): { succeeded: boolean; responses: ResponseOp[] } => {
      const succeeded = (txn.compare ?? []).every((compare) => this.#holds(before, compare));
      const responses = ((succeeded ? txn.success : txn.failure) ?? []).map((op): ResponseOp => runOp(op));
      return { succeeded, responses };
    };
    const runOp = (op: RequestOp): ResponseOp => {
      switch (op.type) {
        case 'range': {
          const at = op.range.revision ?? 0;
          return { type: 'range', range: this.#range(at > 0 ? this.stateAt(at) : state, op.range, current()) };
        }
        case 'put': {
          const { key, value, lease = 0, prevKv, ignoreValue, ignoreLease } = op.put;
          const old = state.get(key);
          const kv: KeyValue = {
            key,
            value: ignoreValue === true ? (old?.value ?? empty) : value,
            createRevision: old?.createRevision ?? revision,
            modRevision: revision,
            version: (old?.version ?? 0) + 1,
            lease: ignoreLease === true ? (old?.lease ?? 0) : lease,
          };
          state.set(key, kv);
          events.push({ type: 'put', kv });
          return { type: 'put', put: prevKv === true && old !== undefined ? { prevKv: old } : {} };
        }
        case 'deleteRange': {
          const found = select(state, op.deleteRange);
          for (const { key } of found) {
            state.delete(key);
            events.push({ type: 'delete', kv: tombstone(key, revision) });
          }
          const prevKvs = op.deleteRange.prevKv === true ? found : [];
          return { type: 'deleteRange', deleteRange: { deleted: found.length, prevKvs } };
        }
        case 'txn': {
          // Filled in below: a nested response carries the revision of the whole.
          return { type: 'txn', txn: { revision: 0, ...run(op.txn) } };
        }
      }
    };
    const outcome = run(request);
    const response = { revision: current(), ...outcome, responses: withRevision(outcome.responses, current()) };
    if (events.length > 0) this.#push({ revision, timeMs, note: request.note, events, state });
    return response;
  }

  /** Deletes keys in one revision, in order. */
  deleteKeys(keys: readonly Key[], timeMs: number): void {
    const state = new Map(this.last.state);
    const revision = this.revision + 1;
    const events = keys.map((key) => ({ type: 'delete' as const, kv: tombstone(key, revision) }));
    for (const key of keys) state.delete(key);
    if (keys.length > 0) this.#push({ revision, timeMs, note: undefined, events, state });
  }

  keysOf(lease: LeaseId): Key[] {
    return select(this.last.state, { key: '\0', rangeEnd: '\0' })
      .filter((kv) => kv.lease === lease)
      .map(({ key }) => key);
  }

  #push(revision: ModelRevision): void {
    this.revisions.push(revision);
  }

  #holds(state: State, compare: Compare): boolean {
    const found = select(state, compare);
    if (found.length === 0) return compare.target !== 'value' && isOrdered(compare, 0 - compare.operand);
    return found.every((kv) => {
      if (compare.target === 'value') return isOrdered(compare, Buffer.compare(kv.value, compare.operand));
      const actual = { version: kv.version, create: kv.createRevision, mod: kv.modRevision, lease: kv.lease };
      return isOrdered(compare, actual[compare.target] - compare.operand);
    });
  }

  /** What a watch delivers of the revisions from `from` on. */
  events(request: WatchRequest, from: Revision): WatchEvent[] {
    return this.revisions
      .filter(({ revision }) => revision >= from)
      .flatMap(({ revision, events }) => {
        const now = new Map(this.stateAt(revision - 1));
        return events.flatMap((event): WatchEvent[] => {
          const prevKv = now.get(event.kv.key);
          if (event.type === 'put') now.set(event.kv.key, event.kv);
          else now.delete(event.kv.key);
          if (!isIn(request, event.kv.key)) return [];
          if (request.filters?.includes(event.type === 'put' ? 'noput' : 'nodelete') === true) return [];
          return [request.prevKv === true && prevKv !== undefined ? { ...event, prevKv } : event];
        });
      });
  }

  /** What a key's history must have, newest first: all since compaction, and the state that compaction left. */
  history(key: Key): HistoryEntry[] {
    const all = this.revisions.flatMap(({ revision, timeMs, note, events }) =>
      events
        .filter(({ kv }) => kv.key === key)
        .map(({ type, kv }): HistoryEntry => ({ revision, timeMs, type, kv, ...(note === undefined ? {} : { note }) })),
    );
    const kept = all.filter(({ revision }) => revision >= this.compactRevision);
    const base = all.findLast(({ revision }) => revision < this.compactRevision);
    const isReplaced = kept.some(({ revision }) => revision === this.compactRevision);
    if (base?.type === 'put' && !isReplaced) kept.unshift(base);
    return kept.reverse();
  }

  revisionAt(timeMs: number): Revision {
    const found = this.revisions.findLast((revision) => revision.timeMs <= timeMs)?.revision ?? 1;
    return Math.max(found, this.compactRevision, 1);
  }
}

function tombstone(key: Key, modRevision: Revision): KeyValue {
  return { key, value: empty, createRevision: 0, modRevision, version: 0, lease: 0 };
}

function withRevision(responses: readonly ResponseOp[], revision: Revision): ResponseOp[] {
  return responses.map((response) =>
    response.type === 'txn'
      ? { ...response, txn: { ...response.txn, revision, responses: withRevision(response.txn.responses, revision) } }
      : response,
  );
}

function isOrdered({ result }: Compare, difference: number): boolean {
  const holds = { equal: difference === 0, notEqual: difference !== 0, greater: difference > 0, less: difference < 0 };
  return holds[result];
}
