import type { CachedObject } from './cached-object.ts';
import type { Frame } from '../contract.ts';

/** One change of one object. */
export interface ResourceEvent {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** The new state; for a delete, the last state with the revision of the deletion. */
  readonly object: CachedObject;
  /** The state before; undefined for a creation. */
  readonly previous: CachedObject | undefined;
  /** Encoded once per representation, and shared by all watchers that want it. */
  readonly frames: Map<string, Frame>;
}

/** Enough for a client to reconnect after a short break; older events are read from the store. */
const maxEvents = 1024;
/** Bounds what the window holds of states that are gone. */
const maxBytes = 8 * 1024 * 1024;

/** The newest events of one resource, in order. */
export class EventWindow {
  #events: ResourceEvent[] = [];
  #head = 0;
  #bytes = 0;
  #start: number;

  /** @param start The revision after which every event is known. */
  constructor(start: number) {
    this.#start = start;
  }

  /** Every event after this revision is here. */
  get start(): number {
    return this.#start;
  }

  push(event: ResourceEvent): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    while (this.#events.length - this.#head > maxEvents || this.#bytes > maxBytes) this.#dropOldest();
    // Dropped slots are given back in one move now and then, not with every event.
    if (this.#head > maxEvents) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The position of the first event after `revision`; -1 when events in between are no longer here. */
  indexAfter(revision: number): number {
    if (revision < this.#start) return -1;
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event !== undefined && event.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The event at a position from `indexAfter`; positions hold until the next `push`. */
  at(index: number): ResourceEvent | undefined {
    return this.#events[index];
  }

  #dropOldest(): void {
    const oldest = this.#events[this.#head];
    if (oldest === undefined) return;
    this.#start = oldest.revision;
    this.#bytes -= sizeOf(oldest);
    this.#head++;
  }
}

function sizeOf(event: ResourceEvent): number {
  return event.previous?.value.length ?? 256;
}
