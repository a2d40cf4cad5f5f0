/** API Priority and Fairness (KEP-1040): whose requests are worked on when not all can be. */
import type { UserInfo } from '../../api/contract.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types/flowcontrol.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Exchange, RequestInfo } from '../contract.ts';
import {
  catchAllLevel,
  catchAllName,
  catchAllSchema,
  exemptLevel,
  exemptName,
  exemptSchema,
} from './bootstrap-objects.ts';
import { allocateConcurrency } from './concurrency-allocation.ts';
import { byPrecedence, CompiledFlowSchema } from './flow-schema.ts';
import { limitsOf, sharesOf, type LevelLimits } from './level-limits.ts';
import type { FlowControlMetrics, FlowSeries, LevelSeries } from './metrics.ts';
import { PriorityLevel, type Arrival, type HeldSeats, type LevelConfiguration } from './priority-level.ts';
import { WatchTracker } from './watch-tracker.ts';
import { nameSelectedBy, WorkEstimator, type StoredFigures, type WorkEstimate } from './work-estimate.ts';

export interface FlowControlOptions {
  readonly clock: Clock;
  readonly metrics: FlowControlMetrics;
  /** How many seats there are: `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
  readonly serverSeats: number;
  /** What is stored of a resource; undefined where that is not known. */
  storedOf(request: RequestInfo): StoredFigures | undefined;
}

/** Demand that has passed is forgotten by half in five minutes, at an adjustment every ten seconds. */
const smoothing = 0.977;
/** How often seats are lent and taken back. */
export const adjustmentPeriodMs = 10_000;
/** Nobody waits longer for seats than this part of the time that their request has. */
const waitFraction = 1 / 4;

interface LevelState {
  readonly level: PriorityLevel;
  readonly series: LevelSeries;
  spec: PriorityLevelConfiguration['spec'];
  limits: LevelLimits;
  smoothedDemand: number;
  /** The most seats asked for in the last period. */
  highWatermark: number;
}

/** A schema whose level exists, in the order of matching. */
interface Route {
  readonly schema: CompiledFlowSchema;
  readonly level: PriorityLevel;
  /** Found when there is a first request. */
  series: FlowSeries | undefined;
}

export class FlowControl {
  readonly #options: FlowControlOptions;
  readonly #estimator: WorkEstimator;
  readonly #watches = new WatchTracker();
  readonly #schemas = new Map<string, CompiledFlowSchema>();
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  readonly #levels = new Map<string, LevelState>();
  readonly #exemptSchema = new CompiledFlowSchema(exemptSchema);
  readonly #catchAllSchema = new CompiledFlowSchema(catchAllSchema);
  #routes: readonly Route[] = [];

  constructor(options: FlowControlOptions) {
    this.#options = options;
    this.#estimator = new WorkEstimator({
      storedOf: (request) => options.storedOf(request),
      watchesOf: (request) => this.#watches.interestedIn(request),
    });
    this.apply();
  }

  /** Takes a schema as it is now; undefined: it is gone. To be followed by `apply`. Throws for one that is no schema. */
  setSchema(name: string, schema: FlowSchema | undefined): void {
    if (schema === undefined) this.#schemas.delete(name);
    else this.#schemas.set(name, new CompiledFlowSchema(schema));
  }

  setLevel(name: string, level: PriorityLevelConfiguration | undefined): void {
    if (level === undefined) {
      this.#configurations.delete(name);
      return;
    }
    // Read once, so that one that cannot be read is refused here.
    limitsOf(level.spec, 1, 1);
    configurationOf(level.spec);
    this.#configurations.set(name, level);
  }

  hasSchema(name: string): boolean {
    return this.#schemas.has(name);
  }

  hasLevel(name: string): boolean {
    return this.#configurations.has(name);
  }

  /** Works by what has been set from now on. */
  apply(): void {
    const configurations = new Map<string, PriorityLevelConfiguration>([
      [exemptName, exemptLevel],
      [catchAllName, catchAllLevel],
      ...this.#configurations,
    ]);
    for (const name of this.#levels.keys()) {
      if (configurations.has(name)) continue;
      // Who waits there still gets seats of it; new requests go elsewhere.
      this.#levels.delete(name);
      this.#options.metrics.forgetLevel(name);
    }
    const shares = [...configurations.values()].reduce((sum, { spec }) => sum + sharesOf(spec), 0);
    for (const [name, configuration] of configurations) this.#configure(name, configuration, shares);
    this.#routes = this.#routesOf();
    this.#divide();
  }

  /** Lends seats that are not needed to levels that need them, by the demand since the last time. */
  adjust(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const state of this.#levels.values()) {
      const figures = state.level.demand.takeFigures(nowMs);
      if (figures === undefined) continue;
      const envelope = figures.average + figures.deviation;
      state.smoothedDemand = Math.max(envelope, smoothing * state.smoothedDemand + (1 - smoothing) * envelope);
      state.series.demandHigh.set(figures.highWatermark);
      state.series.demandAverage.set(figures.average);
      state.series.demandDeviation.set(figures.deviation);
      state.series.demandSmoothed.set(state.smoothedDemand);
      state.highWatermark = figures.highWatermark;
    }
    this.#divide();
  }

  /**
   * Classifies a request, and gives it seats when its turn comes. Throws, or rejects with, TooBusyError.
   * @param timeoutMs How long the request may take altogether.
   */
  enter(exchange: Exchange, info: RequestInfo, user: UserInfo, timeoutMs: number): HeldSeats | Promise<HeldSeats> {
    const route = this.#routeOf(user, info);
    const { level, schema } = route;
    const series = (route.series ??= this.#options.metrics.flow(level.name, schema.name));
    exchange.setHeader('x-kubernetes-pf-flowschema-uid', schema.uid);
    exchange.setHeader('x-kubernetes-pf-prioritylevel-uid', level.uid);
    const estimate = this.#estimator.estimate(info, exchange.query, level.maxSeatsPerRequest);
    return level.enter(new RequestArrival(exchange, info, user, schema, series, estimate, timeoutMs * waitFraction));
  }

  /** Counts a watch among those that writes have to serve, until what this returns is called. */
  trackWatch(info: RequestInfo, query: URLSearchParams): () => void {
    const name = info.name === '' ? nameSelectedBy(query) : info.name;
    return this.#watches.add({ ...info, name });
  }

  /** How a level stands, for tests and for who looks. */
  levels(): Iterable<PriorityLevel> {
    return [...this.#levels.values()].map(({ level }) => level);
  }

  #routeOf(user: UserInfo, info: RequestInfo): Route {
    let last: Route | undefined;
    for (const route of this.#routes) {
      if (route.schema.matches(user, info)) return route;
      last = route;
    }
    // Of whom not even the catch-all schema knows.
    if (last === undefined) throw new Error('there is no flow schema');
    return last;
  }

  #configure(name: string, { metadata, spec }: PriorityLevelConfiguration, shareSum: number): void {
    const limits = limitsOf(spec, this.#options.serverSeats, shareSum);
    let state = this.#levels.get(name);
    if (state === undefined) {
      const level = new PriorityLevel(name, configurationOf(spec), this.#options.clock);
      state = { level, series: this.#options.metrics.level(name), spec, limits, smoothedDemand: 0, highWatermark: 0 };
      this.#levels.set(name, state);
    } else if (state.spec !== spec) {
      state.spec = spec;
      state.level.configure(configurationOf(spec));
    }
    state.limits = limits;
    state.level.uid = metadata.uid ?? '';
    state.level.maxSeatsPerRequest = limits.maxSeatsPerRequest;
    state.series.nominal.set(limits.nominal);
    state.series.lower.set(limits.lower);
    state.series.upper.set(limits.upper);
  }

  #routesOf(): Route[] {
    const schemas = [...this.#schemas.values()].filter(({ levelName }) => this.#levels.has(levelName));
    schemas.sort(byPrecedence);
    if (!this.#schemas.has(exemptName)) schemas.unshift(this.#exemptSchema);
    if (!this.#schemas.has(catchAllName)) schemas.push(this.#catchAllSchema);
    return schemas.flatMap((schema) => {
      const state = this.#levels.get(schema.levelName);
      if (state === undefined) return [];
      return { schema, level: state.level, series: undefined };
    });
  }

  /** Gives each level its seats. */
  #divide(): void {
    const states = [...this.#levels.values()];
    const sum = states.reduce((seats, { limits }) => seats + limits.nominal, 0);
    const items = states.map((state) => {
      const { nominal, lower, upper } = state.limits;
      // What was in use lately is not lent, up to what is the level's own.
      const lowerBound = Math.max(lower, Math.min(nominal, state.highWatermark));
      return { lowerBound, upperBound: upper, target: Math.max(lowerBound, state.smoothedDemand) };
    });
    const { seats, fairFraction } = allocateConcurrency(sum, items);
    this.#options.metrics.fairFraction.set(fairFraction);
    states.forEach((state, i) => {
      const current = Math.round(seats[i] ?? 0);
      state.level.setLimit(current);
      state.series.current.set(current);
      state.series.target.set(items[i]?.target ?? 0);
    });
  }
}

function configurationOf({ type, limited }: PriorityLevelConfiguration['spec']): LevelConfiguration {
  const queuing = limited?.limitResponse?.type === 'Queue' ? limited.limitResponse.queuing : undefined;
  if (!queuing) return { isExempt: type === 'Exempt' };
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  return { isExempt: false, queuing: { queues, handSize, queueLengthLimit } };
}

class RequestArrival implements Arrival {
  readonly schemaName: string;
  readonly series: FlowSeries;
  readonly estimate: WorkEstimate;
  readonly isWatch: boolean;
  readonly maxWaitMs: number;
  readonly #exchange: Exchange;
  readonly #info: RequestInfo;
  readonly #user: UserInfo;
  readonly #schema: CompiledFlowSchema;

  constructor(
    exchange: Exchange,
    info: RequestInfo,
    user: UserInfo,
    schema: CompiledFlowSchema,
    series: FlowSeries,
    estimate: WorkEstimate,
    maxWaitMs: number,
  ) {
    this.#exchange = exchange;
    this.#info = info;
    this.#user = user;
    this.#schema = schema;
    this.schemaName = schema.name;
    this.series = series;
    this.estimate = estimate;
    this.isWatch = info.verb === 'watch';
    this.maxWaitMs = maxWaitMs;
  }

  distinguisher(): string {
    return this.#schema.distinguish(this.#user, this.#info);
  }

  onGone(listener: () => void): void {
    this.#exchange.onClose(listener);
  }
}
