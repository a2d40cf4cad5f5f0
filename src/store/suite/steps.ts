import * as fc from 'fast-check';
import { prefixEnd } from '../contract.ts';
import type { Compare, Key, KeyRange, RequestOp, Txn, TxnRequest, WatchRequest } from '../contract.ts';

/** Few, so that steps meet, with prefixes of each other and the highest byte. */
export const keys: readonly Key[] = ['a', 'a/', 'a/b', 'a/b/c', 'a/\xff', 'b', 'b/1', '\xff'];
const leaseIds = [1, 2, 3];

const anyKey = fc.constantFrom(...keys);
const anyRange: fc.Arbitrary<KeyRange> = fc.oneof(
  anyKey.map((key) => ({ key })),
  anyKey.map((key) => ({ key, rangeEnd: prefixEnd(key) })),
  anyKey.map((key) => ({ key, rangeEnd: '\0' })),
  fc.tuple(anyKey, anyKey).map(([key, rangeEnd]) => ({ key, rangeEnd })),
);
const anyValue = fc.uint8Array({ maxLength: 3 });
const anyLease = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(...leaseIds) },
);
const small = fc.nat({ max: 12 });

const anyCompare: fc.Arbitrary<Compare> = fc
  .tuple(
    anyRange,
    fc.constantFrom('equal', 'greater', 'less', 'notEqual'),
    fc.oneof(
      fc.record({ target: fc.constantFrom('version', 'create', 'mod', 'lease'), operand: small }),
      fc.record({ target: fc.constant('value'), operand: anyValue }),
    ),
  )
  .map(([range, result, condition]) => ({ ...range, result, ...condition }));

const anyRangeOptions = fc.record(
  {
    limit: fc.nat({ max: 4 }),
    sortTarget: fc.constantFrom('key', 'version', 'create', 'mod', 'value'),
    sortOrder: fc.constantFrom('ascend', 'descend'),
    keysOnly: fc.boolean(),
    countOnly: fc.boolean(),
    minModRevision: small,
    maxModRevision: small,
    minCreateRevision: small,
    maxCreateRevision: small,
  },
  { requiredKeys: [] },
);

const anyPut: fc.Arbitrary<RequestOp> = fc
  .record({ key: anyKey, value: anyValue, lease: anyLease, prevKv: fc.boolean() })
  .map((put) => ({ type: 'put', put }));
const anyKeep: fc.Arbitrary<RequestOp> = fc
  .record({ key: anyKey, ignoreValue: fc.boolean(), value: anyValue })
  .map(({ key, ignoreValue, value }) => ({
    type: 'put',
    put: ignoreValue ? { key, value: new Uint8Array(0), ignoreValue } : { key, value, ignoreLease: true },
  }));
const anyDelete: fc.Arbitrary<RequestOp> = fc
  .tuple(anyRange, fc.boolean())
  .map(([range, prevKv]) => ({ type: 'deleteRange', deleteRange: { ...range, prevKv } }));
const anyRead: fc.Arbitrary<RequestOp> = fc
  .tuple(anyRange, anyRangeOptions)
  .map(([range, options]) => ({ type: 'range', range: { ...range, ...options } }));
const anyOp = fc.oneof(
  { weight: 4, arbitrary: anyPut },
  { weight: 1, arbitrary: anyKeep },
  { weight: 2, arbitrary: anyDelete },
  { weight: 1, arbitrary: anyRead },
);

function anyTxn(op: fc.Arbitrary<RequestOp>): fc.Arbitrary<Txn> {
  const ops = fc.array(op, { maxLength: 3 });
  return fc.record(
    { compare: fc.array(anyCompare, { maxLength: 2 }), success: ops, failure: ops },
    { requiredKeys: ['success'] },
  );
}

const anyNested: fc.Arbitrary<RequestOp> = anyTxn(anyOp).map((txn) => ({ type: 'txn', txn }));

/** Plain writes, so that there is much to read: an object's life, and a few keys at once. */
const anyWrite: fc.Arbitrary<Txn> = fc
  .uniqueArray(fc.tuple(anyKey, fc.option(anyValue), anyLease), {
    minLength: 1,
    maxLength: 3,
    selector: ([key]) => key,
  })
  .map((writes) => ({
    success: writes.map(([key, value, lease]): RequestOp =>
      value === null ? { type: 'deleteRange', deleteRange: { key } } : { type: 'put', put: { key, value, lease } },
    ),
  }));
const anyComplex = anyTxn(fc.oneof({ weight: 6, arbitrary: anyOp }, { weight: 1, arbitrary: anyNested }));
const anyTxnRequest: fc.Arbitrary<TxnRequest> = fc
  .tuple(fc.oneof({ weight: 2, arbitrary: anyWrite }, { weight: 1, arbitrary: anyComplex }), fc.option(anyValue))
  .map(([txn, note]) => (note === null ? txn : { ...txn, note }));

/** What may happen to a store. `back` counts revisions from the newest. */
export type Step =
  | { readonly type: 'txns'; readonly requests: readonly TxnRequest[] }
  | { readonly type: 'range'; readonly range: KeyRange & object; readonly back: number }
  | { readonly type: 'watch'; readonly request: WatchRequest; readonly back: number }
  | { readonly type: 'read' | 'reopen' }
  | { readonly type: 'compact'; readonly back: number }
  | { readonly type: 'lease'; readonly action: 'grant' | 'revoke'; readonly id: number }
  | { readonly type: 'wait'; readonly ms: number };

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .array(anyTxnRequest, { minLength: 1, maxLength: 5, size: 'max' })
      .map((requests) => ({ type: 'txns', requests }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(anyRange, anyRangeOptions, small)
      .map(([range, options, back]) => ({ type: 'range', range: { ...range, ...options }, back }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyRange, fc.boolean(), fc.constantFrom(undefined, ['noput'] as const, ['nodelete'] as const), small)
      .map(
        ([range, prevKv, filters, back]) =>
          ({
            type: 'watch',
            request: { ...range, prevKv, ...(filters === undefined ? {} : { filters }) },
            back,
          }) as const,
      ),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'read' } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' } as const) },
  { weight: 1, arbitrary: fc.nat({ max: 30 }).map((back) => ({ type: 'compact', back }) as const) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('grant', 'grant', 'revoke'), fc.constantFrom(...leaseIds))
      .map(([action, id]) => ({ type: 'lease', action, id }) as const),
  },
  { weight: 1, arbitrary: fc.nat({ max: 5000 }).map((ms) => ({ type: 'wait', ms }) as const) },
);
