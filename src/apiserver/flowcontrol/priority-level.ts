import type { Clock, Timer } from '../../machinery/clock.ts';
import { FairQueues, type FlowQueue, type Queued } from './fair-queues.ts';
import type { FlowSeries, Rejection } from './metrics.ts';
import { RetryAfter } from './retry-after.ts';
import { SeatDemand } from './seat-demand.ts';
import { dealHand, flowHash } from './shuffle-sharding.ts';
import type { WorkEstimate } from './work-estimate.ts';

/** A request was turned away; the client should come back. */
export class TooBusyError extends Error {
  override name = 'TooBusyError';
  readonly retryAfterSeconds: number;

  constructor(reason: Rejection, retryAfterSeconds: number) {
    super(`refused by API Priority and Fairness: ${reason}`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** How a level's requests wait for seats. Absent queuing: they do not, and are refused. */
export interface LevelConfiguration {
  readonly isExempt: boolean;
  readonly queuing?: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number };
}

/** A request at the door of its level. */
export interface Arrival {
  readonly schemaName: string;
  readonly series: FlowSeries;
  readonly estimate: WorkEstimate;
  readonly isWatch: boolean;
  /** What tells the flows of a schema apart. Asked for only where there is a queue. */
  distinguisher(): string;
  /** How long it may wait for seats. */
  readonly maxWaitMs: number;
  /** Calls a listener when the client is gone. */
  onGone(listener: () => void): void;
}

/** Seats that a request has. Give them back, once, when it is answered. */
export interface HeldSeats {
  release(): void;
}

/** What a request is expected to take before it is known (KEP-1040's guess). */
const guessMs = 3;

/** One priority level: its seats, who has them, and who waits for them. */
export class PriorityLevel {
  readonly name: string;
  uid = '';
  /** The most seats that one request is given; 0: no bound of the level. */
  maxSeatsPerRequest = 0;
  readonly demand: SeatDemand;
  readonly #clock: Clock;
  readonly #queues = new FairQueues<Waiting>();
  readonly #retryAfter = new RetryAfter();
  #configuration: LevelConfiguration;
  #limit = 0;
  #seatsInUse = 0;
  #executing = 0;

  constructor(name: string, configuration: LevelConfiguration, clock: Clock) {
    this.name = name;
    this.#configuration = configuration;
    this.#clock = clock;
    this.demand = new SeatDemand(clock.monotonicMs());
  }

  get limit(): number {
    return this.#limit;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get executing(): number {
    return this.#executing;
  }

  get waiting(): number {
    return this.#queues.waiting;
  }

  /** What has begun to wait goes on waiting, whatever the new configuration. */
  configure(configuration: LevelConfiguration): void {
    this.#configuration = configuration;
  }

  setLimit(seats: number): void {
    this.#limit = seats;
    this.#dispatch();
  }

  /** Gives seats to a request, at once or when its turn comes. Throws, or rejects with, TooBusyError. */
  enter(arrival: Arrival): HeldSeats | Promise<HeldSeats> {
    const { isExempt } = this.#configuration;
    const { estimate, series } = arrival;
    const seats = Math.max(estimate.seats, estimate.finalSeats);
    series.estimatedSeats.observe(seats);
    if (isExempt || (this.#queues.waiting === 0 && this.#fits(seats))) {
      series.waitedSeconds.observe(0);
      return this.#begin(arrival, seats, this.#clock.monotonicMs(), undefined);
    }
    return this.#wait(arrival, seats);
  }

  #fits(seats: number): boolean {
    // What is wider than the level's limit is worked on alone.
    if (seats > this.#limit) return this.#limit > 0 && this.#executing === 0 && this.#seatsInUse === 0;
    return this.#seatsInUse + seats <= this.#limit;
  }

  #begin(arrival: Arrival, seats: number, nowMs: number, from: Waiting | undefined): HeldSeats {
    const { series } = arrival;
    this.#seatsInUse += seats;
    this.#executing++;
    this.#noteDemand(nowMs);
    series.dispatched.inc();
    series.executing.inc();
    series.executingSeats.inc(seats);
    return new Execution(this, arrival, seats, nowMs, from);
  }

  /** For `Execution` alone. */
  end(execution: Execution): void {
    const { arrival, seats, startMs, from } = execution;
    const { series, estimate } = arrival;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = nowMs - startMs;
    (arrival.isWatch ? series.watchSeconds() : series.executionSeconds).observe(tookMs / 1000);
    series.executing.dec();
    series.executingSeats.dec(seats);
    this.#executing--;
    if (from?.queue !== undefined) {
      this.#queues.finish(from.queue, from, estimate.seats * tookMs + estimate.finalSeats * estimate.extraMs);
    }
    const kept = estimate.extraMs > 0 ? estimate.finalSeats : 0;
    this.#free(seats - kept, nowMs);
    if (kept > 0) this.#clock.setTimeout(() => this.#free(kept, this.#clock.monotonicMs()), estimate.extraMs).unref();
  }

  #free(seats: number, nowMs: number): void {
    this.#seatsInUse -= seats;
    if (this.#queues.waiting > 0) this.#dispatch();
    this.#noteDemand(nowMs);
  }

  #noteDemand(nowMs: number): void {
    this.demand.set(this.#seatsInUse + this.#queues.waitingSeats, nowMs);
  }

  async #wait(arrival: Arrival, seats: number): Promise<HeldSeats> {
    const { queuing } = this.#configuration;
    const { series, schemaName, estimate } = arrival;
    if (queuing === undefined) throw this.#refusal(arrival, 'concurrency-limit');
    const work = estimate.seats * guessMs + estimate.finalSeats * estimate.extraMs;
    const waiting = new Waiting(arrival, seats, work, this.#clock.monotonicMs());
    const hand = dealHand(flowHash(schemaName, arrival.distinguisher()), queuing.queues, queuing.handSize);
    const queue = this.#queues.add(hand, waiting, queuing.queueLengthLimit);
    if (queue === undefined) throw this.#refusal(arrival, 'queue-full');
    waiting.queue = queue;
    waiting.timer = this.#clock.setTimeout(() => this.#giveUp(waiting, 'time-out'), arrival.maxWaitMs);
    arrival.onGone(() => this.#giveUp(waiting, 'cancelled'));
    const counted = series.queue();
    counted.lengths.observe(queue.waiting.size);
    counted.requests.inc();
    counted.seats.inc(seats);
    this.#noteDemand(waiting.sinceMs);
    this.#dispatch();
    return waiting.turn.promise;
  }

  #refusal({ series }: Arrival, reason: Rejection): TooBusyError {
    series.rejected(reason).inc();
    return new TooBusyError(reason, this.#retryAfter.refuse(this.#clock.monotonicMs()));
  }

  #giveUp(waiting: Waiting, reason: Rejection): void {
    const { queue, arrival } = waiting;
    if (queue === undefined || !queue.waiting.has(waiting)) return;
    this.#queues.remove(queue, waiting);
    const nowMs = this.#leaveQueue(waiting);
    arrival.series.queue().vainSeconds.observe((nowMs - waiting.sinceMs) / 1000);
    this.#noteDemand(nowMs);
    waiting.turn.reject(this.#refusal(arrival, reason));
    // What it stood in the way of may fit.
    this.#dispatch();
  }

  #leaveQueue({ timer, arrival: { series }, seats }: Waiting): number {
    timer?.cancel();
    const counted = series.queue();
    counted.requests.dec();
    counted.seats.dec(seats);
    return this.#clock.monotonicMs();
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#queues.peek();
      if (next === undefined) return;
      if (!this.#fits(next.seats)) {
        next.arrival.series.queue().notAccommodated.inc();
        return;
      }
      this.#queues.take();
      const nowMs = this.#leaveQueue(next);
      next.arrival.series.waitedSeconds.observe((nowMs - next.sinceMs) / 1000);
      next.turn.resolve(this.#begin(next.arrival, next.seats, nowMs, next));
    }
  }
}

/** A request in a queue, and after that the memory of it. */
class Waiting implements Queued {
  readonly arrival: Arrival;
  readonly seats: number;
  readonly work: number;
  readonly sinceMs: number;
  readonly turn = Promise.withResolvers<HeldSeats>();
  queue: FlowQueue<Waiting> | undefined;
  timer: Timer | undefined;

  constructor(arrival: Arrival, seats: number, work: number, sinceMs: number) {
    this.arrival = arrival;
    this.seats = seats;
    this.work = work;
    this.sinceMs = sinceMs;
  }
}

class Execution implements HeldSeats {
  readonly arrival: Arrival;
  readonly seats: number;
  readonly startMs: number;
  readonly from: Waiting | undefined;
  readonly #level: PriorityLevel;
  #isOver = false;

  constructor(level: PriorityLevel, arrival: Arrival, seats: number, startMs: number, from: Waiting | undefined) {
    this.#level = level;
    this.arrival = arrival;
    this.seats = seats;
    this.startMs = startMs;
    this.from = from;
  }

  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#level.end(this);
  }
}
