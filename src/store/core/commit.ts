import type { KeyValue, LeaseId, Revision } from '../contract.ts';
import type { KeyRecord } from './key-record.ts';

/** One key's change within a revision. */
export interface Write {
  readonly type: 'put' | 'delete';
  readonly record: KeyRecord;
  /** The new state; for a deletion, what its event carries. */
  readonly kv: KeyValue;
  /** The state that it replaces. */
  readonly previous: KeyValue | undefined;
}

/** A lease as it is kept on disk. */
export interface StoredLease {
  readonly id: LeaseId;
  readonly grantedTtlSeconds: number;
  /** How long it has to live after a restart; at most `grantedTtlSeconds`. */
  readonly remainingTtlSeconds: number;
}

export type LeaseChange =
  | { readonly type: 'save'; readonly lease: StoredLease }
  | { readonly type: 'remove'; readonly id: LeaseId };

export interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * What becomes durable at once or not at all: mostly the writes of one revision, or a change of leases, or the mark up
 * to which history is compacted.
 */
export class Commit {
  /** The revision that it makes; 0 when it makes none. */
  readonly revision: Revision;
  readonly timeMs: number;
  readonly note: Uint8Array | undefined;
  /** A write's place here is its sub: its place within the revision. */
  readonly writes: readonly Write[];
  readonly leaseChanges: readonly LeaseChange[];
  readonly compactRevision: Revision | undefined;
  /** Makes everything but the writes visible to readers. */
  readonly apply: (() => void) | undefined;
  /** Takes back everything but the writes. */
  readonly undo: (() => void) | undefined;
  /** Told when it is durable and visible, or has failed, in this order. */
  readonly waiters: Waiter[] = [];

  constructor(fields: {
    revision: Revision;
    timeMs: number;
    note?: Uint8Array | undefined;
    writes?: readonly Write[];
    leaseChanges?: readonly LeaseChange[];
    compactRevision?: Revision;
    apply?: () => void;
    undo?: () => void;
  }) {
    this.revision = fields.revision;
    this.timeMs = fields.timeMs;
    this.note = fields.note;
    this.writes = fields.writes ?? noWrites;
    this.leaseChanges = fields.leaseChanges ?? noLeaseChanges;
    this.compactRevision = fields.compactRevision;
    this.apply = fields.apply;
    this.undo = fields.undo;
  }
}

const noWrites: readonly Write[] = [];
const noLeaseChanges: readonly LeaseChange[] = [];
