import type { RequestInfo } from '../contract.ts';

/** What a request will take of the server. */
export interface WorkEstimate {
  /** Seats while it is worked on. */
  readonly seats: number;
  /** Seats for `extraMs` after its answer, while watchers are told of what it changed. */
  readonly finalSeats: number;
  readonly extraMs: number;
}

export interface StoredFigures {
  readonly count: number;
  readonly sizeBytes: number;
}

export interface EstimatorOptions {
  /** What is stored of a resource; undefined where that is not known. */
  storedOf(request: RequestInfo): StoredFigures | undefined;
  /** How many watches a write concerns. */
  watchesOf(request: RequestInfo): number;
}

const maxListSeats = 100;
const maxMutatingSeats = 10;
/** What is sent at once from memory. Lists of the cache are streamed in pieces: they hold no more than this. */
const bytesPerSeat = 100_000;
const maxCachedListBytes = 1_000_000;
const watchesPerSeat = 10;
/** How long telling watchers takes, on one seat for each ten of them. */
const eventMs = 5;

const one: WorkEstimate = { seats: 1, finalSeats: 0, extraMs: 0 };

/** Upstream's rules for how wide a request is. */
export class WorkEstimator {
  readonly #options: EstimatorOptions;

  constructor(options: EstimatorOptions) {
    this.#options = options;
  }

  /** @param maxSeats The most that a request of its priority level may take; 0: no bound of the level. */
  estimate(request: RequestInfo, query: URLSearchParams, maxSeats: number): WorkEstimate {
    if (!request.isResourceRequest) return one;
    switch (request.verb) {
      case 'list':
        return this.#ofList(request, query, maxSeats);
      case 'watch':
        return query.get('sendInitialEvents') === 'true' ? this.#ofList(request, query, maxSeats) : one;
      case 'create':
      case 'update':
      case 'patch':
      case 'delete':
        return this.#ofWrite(request, maxSeats);
      default:
        return one;
    }
  }

  #ofList(request: RequestInfo, query: URLSearchParams, maxSeats: number): WorkEstimate {
    if (request.name !== '' || nameSelectedBy(query) !== '') return one;
    const stored = this.#options.storedOf(request);
    if (stored === undefined || stored.count === 0) return one;
    const limit = query.size === 0 ? 0 : Number(query.get('limit') ?? '0');
    const count = limit > 0 && limit < stored.count ? limit : stored.count;
    const bytes = (count * stored.sizeBytes) / stored.count;
    const isCached = query.get('resourceVersionMatch') !== 'Exact' && !query.has('at');
    const seats = Math.ceil((isCached ? Math.min(bytes, maxCachedListBytes) : bytes) / bytesPerSeat);
    const most = maxSeats === 0 ? maxListSeats : Math.min(maxSeats, maxListSeats);
    return seats <= 1 ? one : { seats: Math.min(seats, most), finalSeats: 0, extraMs: 0 };
  }

  #ofWrite(request: RequestInfo, maxSeats: number): WorkEstimate {
    const watches = this.#options.watchesOf(request);
    if (watches < watchesPerSeat) return one;
    const wanted = Math.ceil(watches / watchesPerSeat);
    const finalSeats = Math.min(wanted, maxSeats === 0 ? maxMutatingSeats : Math.min(maxSeats, maxMutatingSeats));
    // The work stays the same: fewer seats are held longer.
    return { seats: 1, finalSeats, extraMs: (eventMs * wanted) / finalSeats };
  }
}

/** The name that a list or watch of one object has in its field selector; '' for many objects. */
export function nameSelectedBy(query: URLSearchParams): string {
  const selector = query.size === 0 ? null : query.get('fieldSelector');
  if (selector === null) return '';
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(selector)?.[1] ?? '';
}
