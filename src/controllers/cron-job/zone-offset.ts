const minuteMs = 60_000;
/** No zone changes its offset and changes it back within so short a time. */
const stepMs = 7 * 24 * 60 * minuteMs;

/** How far the clocks of a time zone are ahead of UTC. */
export class ZoneOffset {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** @param zone A name of the time zone database. Throws a RangeError for one that is not known. */
  constructor(zone: string) {
    this.#format =
      zone === 'UTC' ? undefined : new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  }

  /** In ms at a moment. */
  at(ms: number): number {
    if (this.#format === undefined) return 0;
    const name = this.#format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(name) ?? [];
    const offsetMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -offsetMs : offsetMs;
  }

  /** The first moment after `fromMs`, and no later than `toMs`, at which the clocks are put forward or back. */
  firstChange(fromMs: number, toMs: number): number | undefined {
    if (this.#format === undefined) return undefined;
    const offset = this.at(fromMs);
    for (let low = fromMs; low < toMs; low += stepMs) {
      const high = Math.min(low + stepMs, toMs);
      if (this.at(high) !== offset) return this.#between(low, high, offset);
    }
    return undefined;
  }

  /** Changes happen on whole seconds. */
  #between(fromMs: number, toMs: number, offset: number): number {
    let [low, high] = [Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle * 1000) === offset) low = middle;
      else high = middle;
    }
    return high * 1000;
  }
}
