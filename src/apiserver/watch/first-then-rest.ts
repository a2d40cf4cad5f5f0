import type { Status } from '../../machinery/status.ts';
import type { Frame } from '../contract.ts';
import type { CachedObject } from './cached-object.ts';
import type { EventEncoder, WatchEventType } from './encoder.ts';

/** Tells one stream's first event from every other stream's: it is not shared. */
let streams = 0;

/** The encoder of one stream, whose first event says more than those that follow. */
export class FirstThenRest implements EventEncoder {
  readonly contentType: string;
  readonly #first: EventEncoder;
  readonly #rest: EventEncoder;
  readonly #firstKey = `first of ${++streams}`;
  #hasBegun = false;

  constructor(first: EventEncoder, rest: EventEncoder) {
    this.contentType = first.contentType;
    this.#first = first;
    this.#rest = rest;
  }

  get key(): string {
    return this.#hasBegun ? this.#rest.key : this.#firstKey;
  }

  event(type: WatchEventType, object: CachedObject): Frame {
    return this.#next().event(type, object);
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): Frame {
    return this.#next().bookmark(revision, annotations);
  }

  error(status: Status): Frame {
    return this.#rest.error(status);
  }

  #next(): EventEncoder {
    if (this.#hasBegun) return this.#rest;
    this.#hasBegun = true;
    return this.#first;
  }
}
