import type { Clock, Timer } from '../../machinery/clock.ts';
import { expired, internalError, StatusError } from '../../machinery/status.ts';
import { CompactedError, type Store } from '../../store/contract.ts';
import type { ResponseStream } from '../contract.ts';
import type { CachedObject } from './cached-object.ts';
import { sharedFrame, type EventEncoder } from './encoder.ts';
import type { ResourceEvent } from './event-window.ts';
import type { EventFollower, ResourceCache } from './resource-cache.ts';

export interface WatcherOptions {
  readonly cache: ResourceCache;
  readonly store: Store;
  readonly clock: Clock;
  readonly stream: ResponseStream;
  readonly encoder: EventEncoder;
  /** '' for all. */
  readonly namespace: string;
  /** Whether the watcher is to see the object in this state. */
  matches(object: CachedObject): boolean;
  /** Sent first, as ADDED. */
  readonly initial: readonly CachedObject[];
  /** Events after this revision follow. */
  readonly revision: number;
  /** End the initial events with a bookmark that says so (KEP-3157). */
  readonly marksInitialEnd: boolean;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  /** The newest revision that all caches have seen. */
  currentRevision(): number;
  /** Called for each event sent. */
  onSent?(bytes: number): void;
  /** Called once. */
  onEnd(): void;
}

/** Bytes that may wait in a connection before a watcher stops following live events and reads history instead. */
const maxPendingBytes = 1024 * 1024;
/** Upstream's interval. */
const bookmarkPeriodMs = 60_000;

/** Marks the bookmark that ends the initial events. */
const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' } as const;

/**
 * One client's watch. It sends initial objects, then events from the cache's window, then follows live; when its client
 * reads too slowly it stops following and continues from the window, or from the store's history, as the connection
 * drains. So a slow client costs a cursor, never a queue, and loses nothing that history still holds.
 */
export class Watcher implements EventFollower {
  readonly #options: WatcherOptions;
  #phase: 'initial' | 'window' | 'history' | 'live' | 'ended' = 'initial';
  #initial: readonly CachedObject[];
  #nextInitial = 0;
  /** Everything up to this revision has been sent or did not concern the client. */
  #cursor: number;
  #timers: Timer[] = [];
  #wakeHistory: (() => void) | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#initial = options.initial;
    this.#cursor = options.revision;
  }

  start(): void {
    const { cache, clock, stream, timeoutMs, bookmarks } = this.#options;
    cache.follow(this);
    stream.onDrain(() => this.#resume());
    this.#timers.push(clock.setTimeout(() => this.end(), timeoutMs).unref());
    if (bookmarks) this.#timers.push(clock.setInterval(() => this.#bookmark(), bookmarkPeriodMs).unref());
    this.#resume();
  }

  /** Ends the response properly: the client will watch again from where it was. */
  end(): void {
    if (!this.#finish()) return;
    this.#options.stream.end();
  }

  /** The client is gone. */
  abandon(): void {
    this.#finish();
  }

  onEvents(events: readonly ResourceEvent[]): void {
    if (this.#phase !== 'live') return;
    // What came while the watch was catching up, it has seen in the window.
    let index = 0;
    while ((events[index]?.revision ?? Infinity) <= this.#cursor) index++;
    if (!this.#sendAll(index, (at) => events[at])) this.#phase = 'window';
  }

  /**
   * Sends events in order; false when the connection is full before the end. It never stops within a revision: what
   * would be left of it could not be named by a cursor.
   */
  #sendAll(from: number, eventAt: (index: number) => ResourceEvent | undefined): boolean {
    const { stream } = this.#options;
    let isFull = stream.pendingBytes > maxPendingBytes;
    let index = from;
    for (let event = eventAt(index); event !== undefined; event = eventAt(++index)) {
      if (isFull && event.revision !== this.#cursor) return false;
      this.#cursor = event.revision;
      isFull = !this.#send(event) && stream.pendingBytes > maxPendingBytes;
    }
    return true;
  }

  #finish(): boolean {
    if (this.#phase === 'ended') return false;
    this.#phase = 'ended';
    this.#initial = [];
    for (const timer of this.#timers) timer.cancel();
    this.#options.cache.unfollow(this);
    this.#wakeHistory?.();
    this.#options.onEnd();
    return true;
  }

  /** Goes on from where it stopped, as far as the connection takes it. */
  #resume(): void {
    if (this.#phase === 'initial') this.#sendInitial();
    if (this.#phase === 'window') this.#sendWindow();
    this.#wakeHistory?.();
  }

  #sendInitial(): void {
    const { stream, encoder, marksInitialEnd, onSent } = this.#options;
    while (this.#nextInitial < this.#initial.length) {
      const object = this.#initial[this.#nextInitial++];
      if (object === undefined) break;
      const frame = encoder.event('ADDED', object);
      onSent?.(frame.bytes.length);
      if (!stream.write(frame) && stream.pendingBytes > maxPendingBytes) return;
    }
    this.#initial = [];
    if (marksInitialEnd) stream.write(encoder.bookmark(this.#cursor, initialEventsEnd));
    this.#phase = 'window';
  }

  #sendWindow(): void {
    const { window } = this.#options.cache;
    const index = window.indexAfter(this.#cursor);
    if (index < 0) {
      this.#phase = 'history';
      void this.#sendHistory();
    } else if (this.#sendAll(index, (at) => window.at(at))) this.#phase = 'live';
  }

  /** Reads what the window no longer holds from the store, until the window reaches back far enough. */
  async #sendHistory(): Promise<void> {
    const { cache, store, stream, namespace } = this.#options;
    const { from, to } = cache.rangeOf(namespace);
    const history = store.watch({ key: from, rangeEnd: to, startRevision: this.#cursor + 1, prevKv: true });
    try {
      while (this.#phase === 'history') {
        // Everything is in the window once it starts at or before the cursor; the rest waits for no disk.
        if (cache.window.indexAfter(this.#cursor) >= 0) {
          this.#phase = 'window';
          this.#resume();
          return;
        }
        history.requestProgress();
        const batch = await history.next();
        if (batch === undefined) return;
        for (const event of batch.events) {
          const previous = event.prevKv === undefined ? undefined : cache.read(event.prevKv);
          const change = cache.eventOf(event, previous);
          if (change !== undefined) this.#send(change);
        }
        this.#cursor = Math.max(this.#cursor, batch.revision);
        while (stream.pendingBytes > maxPendingBytes && this.#phase === 'history') {
          await new Promise<void>((resolve) => (this.#wakeHistory = resolve));
          this.#wakeHistory = undefined;
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      history.close();
    }
  }

  #fail(error: unknown): void {
    if (this.#phase === 'ended') return;
    const status =
      error instanceof CompactedError
        ? expired(`too old resource version: ${this.#cursor} (${error.compactRevision})`)
        : error instanceof StatusError
          ? error
          : internalError(error);
    this.#options.stream.write(this.#options.encoder.error(status.toStatus()));
    this.end();
  }

  /** Sends what the change means to this client. False when the connection is full. */
  #send(event: ResourceEvent): boolean {
    const { namespace, matches, stream, encoder, onSent } = this.#options;
    if (namespace !== '' && event.object.namespace !== namespace) return true;
    const isMatch = event.type === 'put' && matches(event.object);
    const wasMatch = event.previous !== undefined && matches(event.previous);
    if (!isMatch && !wasMatch) return true;
    let frame;
    if (isMatch) frame = sharedFrame(wasMatch ? 'MODIFIED' : 'ADDED', event, event.object, encoder);
    else if (event.previous === undefined) return true;
    // An object that left the selection is shown as it last was in it, at the revision in which it left.
    else frame = sharedFrame('DELETED', event, { ...event.previous, revision: event.revision }, encoder);
    onSent?.(frame.bytes.length);
    return stream.write(frame);
  }

  #bookmark(): void {
    const { cache, stream, encoder, currentRevision } = this.#options;
    // A bookmark promises that everything before it was sent.
    cache.tell();
    if (this.#phase === 'live') stream.write(encoder.bookmark(currentRevision()));
  }
}
