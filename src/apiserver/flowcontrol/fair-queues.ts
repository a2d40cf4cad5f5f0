import { Heap, type HeapEntry } from '../../machinery/heap.ts';

/** A request that waits, as far as queues are concerned. */
export interface Queued {
  readonly seats: number;
  /** What it is expected to take: seats times milliseconds. */
  readonly work: number;
}

/** One of a priority level's queues. */
export interface FlowQueue<T extends Queued> {
  readonly index: number;
  /** In order of arrival. */
  readonly waiting: Set<T>;
  waitingSeats: number;
  executingSeats: number;
  /** Virtual time at which its next request may begin. */
  nextStart: number;
  place: HeapEntry<FlowQueue<T>> | undefined;
}

/**
 * Queues that are served in turn, each as much as any other, however much waits in it. This is start-time fair queuing
 * (Goyal, Vin, Cheng 1996), as KEP-1040 applies it to requests: each queue has a virtual time, which goes on by the work
 * of what is taken from it, and whose queue is behind the others comes next. A queue that was empty begins where the
 * others are. What was expected of a request is set right when it has ended.
 */
export class FairQueues<T extends Queued> {
  /** Those with requests that wait or are worked on. There may be millions, of which few are in use. */
  readonly #queues = new Map<number, FlowQueue<T>>();
  readonly #next = new Heap<FlowQueue<T>>(
    (a, b) => a.nextStart < b.nextStart || (a.nextStart === b.nextStart && a.index < b.index),
  );
  #virtualTime = 0;
  #waiting = 0;
  #waitingSeats = 0;

  get waiting(): number {
    return this.#waiting;
  }

  get waitingSeats(): number {
    return this.#waitingSeats;
  }

  /** Puts a request into the least busy queue of a hand; undefined where that is full. */
  add(hand: readonly number[], request: T, lengthLimit: number): FlowQueue<T> | undefined {
    let chosen: FlowQueue<T> | undefined;
    let chosenSeats = Infinity;
    for (const index of hand) {
      const queue = this.#queues.get(index) ?? this.#create(index);
      const seats = queue.waitingSeats + queue.executingSeats;
      if (seats >= chosenSeats) continue;
      chosen = queue;
      chosenSeats = seats;
      if (seats === 0) break;
    }
    if (chosen === undefined || chosen.waiting.size >= lengthLimit) return undefined;
    this.#queues.set(chosen.index, chosen);
    chosen.waiting.add(request);
    chosen.waitingSeats += request.seats;
    this.#waiting++;
    this.#waitingSeats += request.seats;
    if (chosen.waiting.size === 1) {
      chosen.nextStart = Math.max(chosen.nextStart, this.#virtualTime);
      chosen.place = this.#next.push(chosen);
    }
    return chosen;
  }

  /** Who comes next. */
  peek(): T | undefined {
    return this.#next.peek()?.waiting.values().next().value;
  }

  /** Takes who comes next. Its queue is busy with it until `finish`. */
  take(): { readonly request: T; readonly queue: FlowQueue<T> } | undefined {
    const queue = this.#next.peek();
    const request = queue?.waiting.values().next().value;
    if (queue === undefined || request === undefined) return undefined;
    this.#virtualTime = queue.nextStart;
    this.#leave(queue, request);
    queue.executingSeats += request.seats;
    this.#moveOn(queue, request.work);
    return { request, queue };
  }

  /** Takes out a request that gave up waiting. */
  remove(queue: FlowQueue<T>, request: T): void {
    this.#leave(queue, request);
    if (queue.waiting.size === 0 && queue.place !== undefined) {
      this.#next.remove(queue.place);
      queue.place = undefined;
    }
    this.#forgetIdle(queue);
  }

  /** Ends a request that was taken from a queue. @param work What it took, seats times milliseconds. */
  finish(queue: FlowQueue<T>, request: T, work: number): void {
    queue.executingSeats -= request.seats;
    this.#moveOn(queue, work - request.work);
    this.#forgetIdle(queue);
  }

  #create(index: number): FlowQueue<T> {
    return { index, waiting: new Set(), waitingSeats: 0, executingSeats: 0, nextStart: 0, place: undefined };
  }

  #leave(queue: FlowQueue<T>, request: T): void {
    queue.waiting.delete(request);
    queue.waitingSeats -= request.seats;
    this.#waiting--;
    this.#waitingSeats -= request.seats;
  }

  /** Sets a queue's virtual time forward, or back, and puts it in its new place. */
  #moveOn(queue: FlowQueue<T>, work: number): void {
    if (queue.place !== undefined) this.#next.remove(queue.place);
    queue.nextStart += work;
    queue.place = queue.waiting.size === 0 ? undefined : this.#next.push(queue);
  }

  #forgetIdle(queue: FlowQueue<T>): void {
    if (queue.waiting.size === 0 && queue.executingSeats === 0) this.#queues.delete(queue.index);
  }
}
