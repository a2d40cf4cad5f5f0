import type { Pod } from '../api/types/core.v1.ts';
import type { Clock, Timer } from '../machinery/clock.ts';
import { Heap, type HeapEntry } from '../machinery/heap.ts';
import type { ClusterEvent, Rejection } from './contract.ts';

/** A Pod that waits for a node. */
export interface QueuedPod {
  pod: Pod;
  readonly uid: string;
  /** How often it was tried. */
  attempts: number;
  /** Since when it waits, for the order among equals. */
  addedMs: number;
  lastAttemptMs: number;
  /** The plugins that refused it last. */
  rejectedBy: ReadonlySet<string>;
}

export interface SchedulingQueueOptions {
  readonly clock: Clock;
  /** Upstream's defaults: 1 s and 10 s. */
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Refuses a Pod before it may enter. */
  preEnqueue(pod: Pod): { readonly rejection: Rejection; readonly plugin: string } | undefined;
  /** Whether an event may lift what one of these plugins refused. */
  mayHelp(event: ClusterEvent, pod: Pod, plugins: ReadonlySet<string>): boolean;
}

/** So long a Pod waits for an event that helps before it is tried again anyway: upstream's. */
const maxUnschedulableMs = 5 * 60_000;
const flushPeriodMs = 30_000;

type Place =
  | { readonly in: 'active'; readonly entry: HeapEntry<QueuedPod> }
  | { readonly in: 'backoff'; readonly entry: HeapEntry<Backoff> }
  | { readonly in: 'unschedulable' }
  | { readonly in: 'gated' }
  | { readonly in: 'flight' };

interface Backoff {
  readonly queued: QueuedPod;
  readonly untilMs: number;
}

function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0;
}

/**
 * The Pods without a node (upstream's scheduling queue): those to be tried next by priority and age; those that failed
 * and back off; those that only a change in the cluster can help; those that are not to be tried at all yet.
 */
export class SchedulingQueue {
  readonly #options: SchedulingQueueOptions;
  readonly #pods = new Map<string, { readonly queued: QueuedPod; place: Place }>();
  readonly #active = new Heap<QueuedPod>(
    (a, b) =>
      priorityOf(a.pod) > priorityOf(b.pod) || (priorityOf(a.pod) === priorityOf(b.pod) && a.addedMs < b.addedMs),
  );
  readonly #backoff = new Heap<Backoff>((a, b) => a.untilMs < b.untilMs);
  /** What happened while a Pod was being tried: it may not have seen it. */
  readonly #missed = new Map<string, ClusterEvent[]>();
  readonly #flush: Timer;
  #waiter: ((queued: QueuedPod | undefined) => void) | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: SchedulingQueueOptions) {
    this.#options = options;
    this.#flush = options.clock.setInterval(() => this.#flushUnschedulable(), flushPeriodMs).unref();
  }

  /** How many Pods wait in each place; upstream's metric `scheduler_pending_pods`. */
  get pending(): Readonly<Record<'active' | 'backoff' | 'unschedulable' | 'gated', number>> {
    const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0, flight: 0 };
    for (const { place } of this.#pods.values()) counts[place.in]++;
    const { active, backoff, unschedulable, gated } = counts;
    return { active, backoff, unschedulable, gated };
  }

  /** The next Pod; undefined when the queue is closed. One reader at a time. */
  next(): Promise<QueuedPod | undefined> {
    const queued = this.#active.pop();
    if (queued !== undefined) return Promise.resolve(this.#take(queued));
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  /** A Pod that waits for a node came, or was changed. */
  set(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    const nowMs = this.#options.clock.monotonicMs();
    if (known === undefined) {
      const queued = { pod, uid, attempts: 0, addedMs: nowMs, lastAttemptMs: 0, rejectedBy: new Set<string>() };
      const entry: { queued: QueuedPod; place: Place } = { queued, place: { in: 'gated' } };
      this.#pods.set(uid, entry);
      this.#admit(entry);
      return;
    }
    const old = known.queued.pod;
    known.queued.pod = pod;
    if (known.place.in === 'gated') this.#admit(known);
    else if (known.place.in === 'active' && priorityOf(old) !== priorityOf(pod)) this.#moveToActive(known);
    else this.#react({ resource: 'Pod', action: 'Update', object: pod, old }, known);
  }

  /** The Pod has a node, or is gone. */
  delete(uid: string): void {
    const known = this.#pods.get(uid);
    if (known === undefined) return;
    this.#leave(known.place);
    this.#pods.delete(uid);
    this.#missed.delete(uid);
  }

  /** A try of this Pod failed. An error says that it is worth trying again soon whatever happens. */
  failed(queued: QueuedPod, rejectedBy: ReadonlySet<string>, isError: boolean): void {
    const known = this.#pods.get(queued.uid);
    const missed = this.#missed.get(queued.uid) ?? [];
    this.#missed.delete(queued.uid);
    if (known?.place.in !== 'flight') return;
    queued.rejectedBy = rejectedBy;
    const mayTry = isError || missed.some((event) => this.#options.mayHelp(event, queued.pod, rejectedBy));
    if (mayTry) this.#moveToBackoff(known);
    else known.place = { in: 'unschedulable' };
  }

  /** A try of this Pod succeeded. */
  done(queued: QueuedPod): void {
    this.delete(queued.uid);
  }

  /** Something in the cluster changed. */
  happened(event: ClusterEvent): void {
    for (const known of this.#pods.values()) this.#react(event, known);
  }

  close(): void {
    this.#isClosed = true;
    this.#flush.cancel();
    this.#timer?.cancel();
    this.#waiter?.(undefined);
    this.#waiter = undefined;
  }

  #react(event: ClusterEvent, known: { readonly queued: QueuedPod; place: Place }): void {
    const { queued, place } = known;
    if (place.in === 'flight') {
      const missed = this.#missed.get(queued.uid);
      if (missed === undefined) this.#missed.set(queued.uid, [event]);
      else missed.push(event);
      return;
    }
    if (place.in !== 'unschedulable') return;
    if (!this.#options.mayHelp(event, queued.pod, queued.rejectedBy)) return;
    this.#moveToBackoff(known);
  }

  #admit(known: { readonly queued: QueuedPod; place: Place }): void {
    const refused = this.#options.preEnqueue(known.queued.pod);
    if (refused === undefined) this.#moveToActive(known);
    else known.place = { in: 'gated' };
  }

  #take(queued: QueuedPod): QueuedPod {
    const known = this.#pods.get(queued.uid);
    if (known !== undefined) known.place = { in: 'flight' };
    queued.attempts++;
    queued.lastAttemptMs = this.#options.clock.monotonicMs();
    return queued;
  }

  #moveToActive(known: { readonly queued: QueuedPod; place: Place }): void {
    this.#leave(known.place);
    known.place = { in: 'active', entry: this.#active.push(known.queued) };
    // What comes in one go is put in order before the first is taken.
    if (this.#waiter !== undefined) queueMicrotask(() => this.#serve());
  }

  #serve(): void {
    const waiter = this.#waiter;
    const queued = waiter === undefined ? undefined : this.#active.pop();
    if (waiter === undefined || queued === undefined) return;
    this.#waiter = undefined;
    waiter(this.#take(queued));
  }

  #moveToBackoff(known: { readonly queued: QueuedPod; place: Place }): void {
    const { attempts, lastAttemptMs } = known.queued;
    const { clock, initialBackoffMs, maxBackoffMs } = this.#options;
    const untilMs = lastAttemptMs + Math.min(initialBackoffMs * 2 ** Math.max(0, attempts - 1), maxBackoffMs);
    if (attempts === 0 || untilMs <= clock.monotonicMs()) {
      this.#moveToActive(known);
      return;
    }
    this.#leave(known.place);
    known.place = { in: 'backoff', entry: this.#backoff.push({ queued: known.queued, untilMs }) };
    this.#arm();
  }

  #leave(place: Place): void {
    if (place.in === 'active') this.#active.remove(place.entry);
    else if (place.in === 'backoff') this.#backoff.remove(place.entry);
  }

  #arm(): void {
    this.#timer?.cancel();
    const first = this.#backoff.peek();
    if (first === undefined || this.#isClosed) return;
    const delayMs = Math.max(0, first.untilMs - this.#options.clock.monotonicMs());
    this.#timer = this.#options.clock.setTimeout(() => this.#endBackoff(), delayMs);
  }

  #endBackoff(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (
      let first = this.#backoff.peek();
      first !== undefined && first.untilMs <= nowMs;
      first = this.#backoff.peek()
    ) {
      this.#backoff.pop();
      const known = this.#pods.get(first.queued.uid);
      if (known === undefined) continue;
      known.place = { in: 'unschedulable' };
      this.#moveToActive(known);
    }
    this.#arm();
  }

  #flushUnschedulable(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const known of this.#pods.values()) {
      if (known.place.in !== 'unschedulable') continue;
      if (nowMs - known.queued.lastAttemptMs > maxUnschedulableMs) this.#moveToBackoff(known);
    }
  }
}
