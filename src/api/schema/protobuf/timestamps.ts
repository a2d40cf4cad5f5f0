import { formatTime, parseMicroTime, parseTime } from '../../../machinery/time.ts';
import { ProtobufError } from './protobuf-error.ts';

/** A moment as protobuf has it: seconds since the epoch, and nanoseconds that count forward from them. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** The years 0 to 9999: what RFC 3339 can say. */
const minSeconds = -62_167_219_200;
const maxSeconds = 253_402_300_799;
/** Go's zero time, which has no message. */
const zeroSeconds = -62_135_596_800;

function timestampOf(ms: number): Timestamp | undefined {
  const seconds = Math.floor(ms / 1000);
  if (ms === zeroSeconds * 1000) return undefined;
  return { seconds, nanos: 0 };
}

/** Of `2006-01-02T15:04:05Z`. */
const canonicalLength = 20;

/** The last text that was read: an object says the same time again and again. */
let lastText = '';
let lastTimestamp: Timestamp | undefined;

/** A `metav1.Time`, which has whole seconds; undefined for Go's zero time. Throws a TimeError. */
export function timeToTimestamp(text: string): Timestamp | undefined {
  if (text === lastText) return lastTimestamp;
  // Nearly all are what the API wrote itself, which the language reads the same and faster.
  const ms = text.length === canonicalLength ? Date.parse(text) : Number.NaN;
  lastTimestamp = timestampOf(Number.isNaN(ms) ? parseTime(text) : ms);
  lastText = text;
  return lastTimestamp;
}

/** A `metav1.MicroTime`; undefined for Go's zero time. Throws a TimeError. */
export function microTimeToTimestamp(text: string): Timestamp | undefined {
  // The fraction is read apart, because a number does not hold microseconds of every year.
  const dot = text.indexOf('.');
  const whole = timestampOf(parseMicroTime(dot < 0 ? text : `${text.slice(0, dot)}.000000${text.slice(dot + 7)}`));
  const nanos = dot < 0 ? 0 : Number(text.slice(dot + 1, dot + 7)) * 1000;
  if (whole === undefined) return nanos === 0 ? undefined : { seconds: zeroSeconds, nanos };
  return { seconds: whole.seconds, nanos };
}

function checked(seconds: number): number {
  if (seconds >= minSeconds && seconds <= maxSeconds) return seconds;
  throw new ProtobufError(`proto: Timestamp: ${seconds} seconds are outside of the years 0 to 9999`);
}

/** As the API writes a `metav1.Time`: nanoseconds are not told. */
export function timestampToTime({ seconds }: Timestamp): string {
  return formatTime(checked(seconds) * 1000);
}

/** As the API writes a `metav1.MicroTime`: to the microsecond, the rest cut off. */
export function timestampToMicroTime({ seconds, nanos }: Timestamp): string {
  const micros = Math.trunc(nanos / 1000);
  const carried = Math.floor(micros / 1e6);
  const whole = formatTime(checked(seconds + carried) * 1000);
  return `${whole.slice(0, -1)}.${String(micros - carried * 1e6).padStart(6, '0')}Z`;
}
