import { escapeHelp, formatLabels, formatSample } from './metrics-text.ts';

/**
 * Metrics in Prometheus' terms. A caller on a hot path takes the handle of its label values once (`labels(...)`) and
 * keeps it: an increment is then an addition.
 */

export interface MetricOptions<Names extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: Names;
}

export interface HistogramOptions<Names extends readonly string[]> extends MetricOptions<Names> {
  /** Upper bounds, rising, without infinity. */
  readonly buckets: readonly number[];
}

/** One value for each label name. */
export type LabelValues<Names extends readonly string[]> = { readonly [Index in keyof Names]: string };

/** One label set of a counter. */
export class CounterSeries {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Throws a RangeError when a counter would go down. */
  inc(by = 1): void {
    if (!(by >= 0)) throw new RangeError(`a counter cannot change by ${by}`);
    this.#value += by;
  }
}

/** One label set of a gauge. */
export class GaugeSeries {
  value = 0;

  set(value: number): void {
    this.value = value;
  }
  inc(by = 1): void {
    this.value += by;
  }
  dec(by = 1): void {
    this.value -= by;
  }
}

/** One label set of a histogram. */
export class HistogramSeries {
  readonly #bounds: readonly number[];
  /** Per bucket, not added up; the last is for what is above every bound. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (this.#bounds[middle] ?? Infinity)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] ?? 0) + 1;
    this.sum += value;
  }
}

/** A label with a value for each object would fill the memory: what comes after so many is counted, but not kept. */
const defaultMaxSeries = 10_000;

/** A metric with all its label sets. */
abstract class Family<Names extends readonly string[], Series> {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly #help: string;
  readonly #type: string;
  readonly #create: () => Series;
  readonly #series = new Map<string, { readonly values: readonly string[]; readonly series: Series }>();
  readonly #overflow: Series;
  /** Set by the registry. */
  maxSeries = defaultMaxSeries;
  dropped = 0;

  constructor(options: MetricOptions<Names>, type: string, create: () => Series) {
    this.name = options.name;
    this.labelNames = options.labelNames ?? [];
    this.#help = options.help;
    this.#type = type;
    this.#create = create;
    this.#overflow = create();
    if (this.labelNames.length === 0) this.#find([]);
  }

  /** The series of these label values, made when it is new. Keep it where it is used often. */
  labels(...values: LabelValues<Names>): Series {
    return this.#find(values as readonly string[]);
  }

  /** Forgets a series, such as one of an object that is gone. */
  remove(...values: LabelValues<Names>): void {
    this.#series.delete((values as readonly string[]).join('\u00ff'));
  }

  #find(values: readonly string[]): Series {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\u00ff');
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    if (values.length !== this.labelNames.length) {
      throw new TypeError(`${this.name} has ${this.labelNames.length} labels, not ${values.length}`);
    }
    if (this.#series.size >= this.maxSeries) {
      this.dropped++;
      return this.#overflow;
    }
    const series = this.#create();
    this.#series.set(key, { values: [...values], series });
    return series;
  }

  isLike(other: Family<readonly string[], unknown>): boolean {
    return this.#type === other.#type && this.labelNames.join() === other.labelNames.join();
  }

  /** Adds the family's lines, in order of label values. */
  write(lines: string[]): void {
    if (this.#series.size === 0) return;
    lines.push(`# HELP ${this.name} ${escapeHelp(this.#help)}`, `# TYPE ${this.name} ${this.#type}`);
    const keys = [...this.#series.keys()].sort();
    for (const key of keys) {
      const entry = this.#series.get(key);
      if (entry !== undefined) this.writeSeries(lines, entry.values, entry.series);
    }
  }

  protected abstract writeSeries(lines: string[], values: readonly string[], series: Series): void;
}

export class Counter<Names extends readonly string[] = readonly []> extends Family<Names, CounterSeries> {
  constructor(options: MetricOptions<Names>) {
    super(options, 'counter', () => new CounterSeries());
  }

  protected override writeSeries(lines: string[], values: readonly string[], series: CounterSeries): void {
    lines.push(`${this.name}${formatLabels(this.labelNames, values)} ${formatSample(series.value)}`);
  }
}

export class Gauge<Names extends readonly string[] = readonly []> extends Family<Names, GaugeSeries> {
  constructor(options: MetricOptions<Names>) {
    super(options, 'gauge', () => new GaugeSeries());
  }

  protected override writeSeries(lines: string[], values: readonly string[], series: GaugeSeries): void {
    lines.push(`${this.name}${formatLabels(this.labelNames, values)} ${formatSample(series.value)}`);
  }
}

export class Histogram<Names extends readonly string[] = readonly []> extends Family<Names, HistogramSeries> {
  readonly #bounds: readonly number[];

  constructor(options: HistogramOptions<Names>) {
    const bounds = [...options.buckets];
    if (bounds.some((bound, index) => !Number.isFinite(bound) || (index > 0 && bound <= (bounds[index - 1] ?? 0)))) {
      throw new RangeError(`the buckets of ${options.name} must rise and be finite`);
    }
    super(options, 'histogram', () => new HistogramSeries(bounds));
    this.#bounds = bounds;
  }

  protected override writeSeries(lines: string[], values: readonly string[], series: HistogramSeries): void {
    const names = [...this.labelNames, 'le'];
    let total = 0;
    series.counts.forEach((count, index) => {
      total += count;
      const bound = formatSample(this.#bounds[index] ?? Infinity);
      lines.push(`${this.name}_bucket${formatLabels(names, [...values, bound])} ${formatSample(total)}`);
    });
    const labels = formatLabels(this.labelNames, values);
    lines.push(
      `${this.name}_sum${labels} ${formatSample(series.sum)}`,
      `${this.name}_count${labels} ${formatSample(total)}`,
    );
  }
}

/** All metrics of a process, or of one component of it. */
export class MetricsRegistry {
  readonly #families = new Map<string, Family<readonly string[], unknown>>();
  readonly #beforeScrape = new Set<() => void>();
  readonly #maxSeries: number;

  constructor(options: { readonly maxSeriesPerMetric?: number } = {}) {
    this.#maxSeries = options.maxSeriesPerMetric ?? defaultMaxSeries;
  }

  /** These return the metric of that name when there is one; a TypeError when it has another type or other labels. */
  counter<const Names extends readonly string[] = readonly []>(options: MetricOptions<Names>): Counter<Names> {
    return this.#register(new Counter(options));
  }
  gauge<const Names extends readonly string[] = readonly []>(options: MetricOptions<Names>): Gauge<Names> {
    return this.#register(new Gauge(options));
  }
  histogram<const Names extends readonly string[] = readonly []>(options: HistogramOptions<Names>): Histogram<Names> {
    return this.#register(new Histogram(options));
  }

  /** Calls `update` before every scrape, to set what is cheaper to read than to follow. Returns the way to stop it. */
  beforeScrape(update: () => void): () => void {
    this.#beforeScrape.add(update);
    return () => this.#beforeScrape.delete(update);
  }

  /** Everything in the text format, in order of name and label values. */
  render(): string {
    for (const update of this.#beforeScrape) update();
    const lines: string[] = [];
    for (const name of [...this.#families.keys()].sort()) this.#families.get(name)?.write(lines);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** How many samples went to label sets that were not kept. Above zero, a metric has a label it should not have. */
  get droppedSamples(): number {
    let dropped = 0;
    for (const family of this.#families.values()) dropped += family.dropped;
    return dropped;
  }

  #register<F extends Family<readonly string[], unknown>>(family: F): F {
    const names = [family.name, ...family.labelNames];
    const bad = names.find((name, index) => !(index === 0 ? /^[a-zA-Z_:][\w:]*$/ : /^[a-zA-Z_]\w*$/).test(name));
    if (bad !== undefined) throw new TypeError(`${JSON.stringify(bad)} is no name for a metric or a label`);
    const known = this.#families.get(family.name);
    if (known === undefined) {
      family.maxSeries = this.#maxSeries;
      this.#families.set(family.name, family);
      return family;
    }
    if (!known.isLike(family))
      throw new TypeError(`${family.name} is already a metric of another type or other labels`);
    return known as F;
  }
}

/** `count` bounds from `start`, each `factor` times the one before. */
export function exponentialBuckets(start: number, factor: number, count: number): number[] {
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound);
  return bounds;
}
