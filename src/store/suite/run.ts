import assert from 'node:assert/strict';
import { CompactedError, FutureRevisionError } from '../contract.ts';
import type { KeyRange, Store, TxnRequest, TxnResponse, Watch, WatchRequest } from '../contract.ts';
import type { VirtualClock } from '../../machinery/virtual-clock.ts';
import { assertSame, collect } from './harness.ts';
import type { StoreUnderTest } from './harness.ts';
import { ModelStore } from './model.ts';
import { refusalOf } from './refusal.ts';
import { keys } from './steps.ts';
import type { Step } from './steps.ts';

interface Watching {
  readonly watch: Watch;
  readonly request: WatchRequest;
  next: number;
}

/** One run of steps on a store and on the model. */
export class Run {
  readonly #test: StoreUnderTest;
  readonly #clock: VirtualClock;
  readonly #model = new ModelStore();
  #store: Store;
  #watching: Watching[] = [];

  constructor(test: StoreUnderTest, clock: VirtualClock) {
    this.#test = test;
    this.#clock = clock;
    this.#store = test.store;
  }

  async step(step: Step): Promise<void> {
    switch (step.type) {
      case 'txns':
        return this.#txns(step.requests);
      case 'range':
        return this.#range(step.range, Math.max(0, this.#model.revision - step.back));
      case 'watch':
        return this.#watch(step.request, step.back);
      case 'read':
        return this.#read();
      case 'reopen':
        return this.#reopen();
      case 'compact':
        return this.#compact(this.#model.revision - step.back + 2);
      case 'lease':
        return this.#lease(step.action, step.id);
      case 'wait':
        return this.#clock.advance(step.ms);
    }
  }

  /** Sent all at once, so that they share a commit, and see each other's effects before those are durable. */
  async #txns(requests: readonly TxnRequest[]): Promise<void> {
    const expected: (TxnResponse | string)[] = [];
    const answers = [];
    for (const request of requests) {
      const refusal = refusalOf(request, this.#model);
      answers.push(this.#store.txn(request));
      expected.push(refusal ?? this.#model.txn(request, this.#clock.now()));
    }
    const results = await Promise.allSettled(answers);
    results.forEach((result, i) => {
      const wanted = expected[i];
      if (typeof wanted === 'string') assert.equal(result.status === 'rejected' && result.reason.message, wanted);
      else if (result.status === 'rejected') throw result.reason;
      else assertSame(result.value, wanted);
    });
    assert.equal(this.#store.revision, this.#model.revision);
  }

  async #range(range: KeyRange, revision: number): Promise<void> {
    const request = { ...range, revision };
    if (revision > 0 && revision < this.#model.compactRevision) {
      await assert.rejects(this.#store.range(request), CompactedError);
    } else assertSame(await this.#store.range(request), this.#model.range(request));
  }

  async #watch(request: WatchRequest, back: number): Promise<void> {
    const startRevision = Math.max(0, this.#model.revision - back + 2);
    const watch = this.#store.watch({ ...request, startRevision });
    const next = startRevision === 0 ? this.#model.revision + 1 : startRevision;
    if (next < this.#model.compactRevision) {
      await assert.rejects(
        watch.next(),
        (error) => error instanceof CompactedError && error.compactRevision === this.#model.compactRevision,
      );
      watch.close();
    } else this.#watching.push({ watch, request, next });
  }

  async #read(): Promise<void> {
    for (const watching of this.#watching) {
      const events = await collect(watching.watch, this.#model.revision);
      const expected = this.#model.events(watching.request, watching.next);
      // What compaction took may be missing from an event, and only that.
      const forgiven = events.map((event, i) => {
        const prevKv = expected[i]?.prevKv;
        const isForgiven = event.prevKv === undefined && event.kv.modRevision <= this.#model.compactRevision;
        return isForgiven && prevKv !== undefined ? { ...event, prevKv } : event;
      });
      assertSame(forgiven, expected);
      watching.next = Math.max(watching.next, this.#model.revision + 1);
    }
  }

  async #reopen(): Promise<void> {
    if (this.#test.reopen === undefined) return;
    for (const { watch } of this.#watching) watch.close();
    this.#watching = [];
    this.#store = await this.#test.reopen();
  }

  async #compact(revision: number): Promise<void> {
    // A watch that lags may lose what is compacted, so all are read first.
    await this.#read();
    if (revision <= this.#model.compactRevision) await assert.rejects(this.#store.compact(revision), CompactedError);
    else if (revision > this.#model.revision) await assert.rejects(this.#store.compact(revision), FutureRevisionError);
    else {
      await this.#store.compact(revision);
      this.#model.compactRevision = revision;
    }
  }

  async #lease(action: 'grant' | 'revoke', id: number): Promise<void> {
    const isKnown = this.#model.leases.has(id);
    if (action === 'grant') {
      const granted = this.#store.grantLease({ id, ttlSeconds: 1_000_000 });
      if (isKnown) await assert.rejects(granted, { name: 'LeaseExistsError' });
      else await granted;
      this.#model.leases.add(id);
    } else if (isKnown) {
      await this.#store.revokeLease(id);
      this.#model.leases.delete(id);
      this.#model.deleteKeys(this.#model.keysOf(id), this.#clock.now());
    } else await assert.rejects(this.#store.revokeLease(id), { name: 'LeaseNotFoundError' });
  }

  /** Everything that can be asked. */
  async checkAll(): Promise<void> {
    await this.#read();
    const model = this.#model;
    for (let revision = Math.max(1, model.compactRevision); revision <= model.revision; revision++) {
      await this.#range({ key: '\0', rangeEnd: '\0' }, revision);
    }
    for (const key of keys) assertSame(await this.#store.history({ key }), model.history(key));
    for (const { timeMs } of model.revisions) {
      for (const at of [timeMs - 1, timeMs, timeMs + 1]) {
        assert.equal(await this.#store.revisionAt(at), model.revisionAt(at));
      }
    }
    assert.deepEqual(
      await this.#store.leases(),
      [...model.leases].sort((a, b) => a - b),
    );
    for (const id of model.leases) assert.deepEqual((await this.#store.leaseStatus(id)).keys, model.keysOf(id));
    const { keys: count, revision, compactRevision } = this.#store.status();
    assert.deepEqual(
      { count, revision, compactRevision },
      { count: model.last.state.size, revision: model.revision, compactRevision: model.compactRevision },
    );
  }
}
