import { Cron } from 'croner';
import { isTimeZone, scheduleFault } from '../../api/batch/validation/schedule.ts';
import { parseDurationMs } from '../../machinery/duration.ts';
import { plainFields } from './cron-fields.ts';
import { ZoneOffset } from './zone-offset.ts';

/** Upstream's parser gives up so far ahead: the 31st of February does not come. */
const horizonMs = 5 * 366 * 24 * 60 * 60_000;

/** When a schedule is due. */
export interface Schedule {
  /** The first moment after `afterMs`, ms since the epoch; undefined: never. */
  next(afterMs: number): number | undefined;
}

/** A schedule that cannot be read; the message says why, in upstream's words. */
export class ScheduleError extends Error {
  override name = 'ScheduleError';
}

/** @param timeZone Where the schedule itself names none; default: UTC. Throws a ScheduleError. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const fault = scheduleFault(text);
  if (fault !== undefined) throw new ScheduleError(fault);
  // Schedules of old may say it themselves.
  const [, ownZone, schedule = text] = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/.exec(text.trim()) ?? [];
  const zone = ownZone ?? timeZone ?? '';
  if (schedule.startsWith('@every ')) return everySchedule(parseDurationMs(schedule.slice('@every '.length)));
  const isKnown = zone !== '' && zone !== 'Local' && isTimeZone(zone);
  return new FieldSchedule(plainFields(schedule.trim()), new ZoneOffset(isKnown ? zone : 'UTC'));
}

/** Intervals of whole seconds, one at least. */
function everySchedule(durationMs: number): Schedule {
  const periodMs = Math.max(1, Math.floor(durationMs / 1000)) * 1000;
  return { next: (afterMs) => Math.floor(afterMs / 1000) * 1000 + periodMs };
}

/**
 * The five fields hold on the clocks of a zone. When clocks are put forward, what they skip is not due; when they are
 * put back, what they show twice is due twice.
 */
class FieldSchedule implements Schedule {
  readonly #cron: Cron;
  readonly #offset: ZoneOffset;

  constructor(fields: string, offset: ZoneOffset) {
    // It counts in UTC: what the clocks of the zone show is told to it as if it were UTC.
    this.#cron = new Cron(fields, { mode: '5-part', legacyMode: true, timezone: 'UTC', paused: true });
    this.#offset = offset;
  }

  next(afterMs: number): number | undefined {
    let fromMs = afterMs;
    for (;;) {
      const offsetMs = this.#offset.at(fromMs);
      const shown = this.#cron.nextRun(new Date(fromMs + offsetMs))?.getTime() ?? Infinity;
      const dueMs = shown - offsetMs;
      const changeMs = this.#offset.firstChange(fromMs, Math.min(dueMs, afterMs + horizonMs));
      if (changeMs === undefined) return dueMs - afterMs > horizonMs ? undefined : dueMs;
      // From here on the clocks show something else; what is due at this very moment counts.
      fromMs = changeMs;
      if (this.#isDue(changeMs)) return changeMs;
    }
  }

  #isDue(ms: number): boolean {
    const shownMs = ms + this.#offset.at(ms);
    return this.#cron.nextRun(new Date(shownMs - 1000))?.getTime() === shownMs;
  }
}
