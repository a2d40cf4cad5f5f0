import { quote } from './quote.ts';

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogRecord {
  readonly severity: 'info' | 'warning' | 'error';
  /** Since the epoch. */
  readonly timeMs: number;
  readonly pid: number;
  /** Which part of the program speaks: stands where klog has the file and line. */
  readonly component: string;
  readonly verbosity: number;
  readonly message: string;
  /** What was caught; undefined when there is none. */
  readonly error: unknown;
  readonly fields: LogFields;
}

/** Writes a record as text without a line end. */
export type LogFormat = (record: LogRecord) => string;

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

/** Describes a failure to describe, which must not become a failure of the caller. */
function unprintable(error: unknown): string {
  let why = 'unknown';
  try {
    why = String(error);
  } catch {
    // Its own text fails too; there is nothing more to say.
  }
  return `<internal error: ${why}>`;
}

function errorText(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch (failure) {
    return unprintable(failure);
  }
}

function toJSON(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === 'bigint') return part.toString();
      return part instanceof Error ? part.message : part;
    });
    return (text as string | undefined) ?? (value === undefined ? 'null' : JSON.stringify(`<${typeof value}>`));
  } catch (error) {
    return JSON.stringify(unprintable(error));
  }
}

/** A text of one line is quoted; one of several stands indented between `<` and `>`. */
function stringValue(text: string): string {
  if (!text.includes('\n')) return quote(text);
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `<\n\t${body.replaceAll('\n', '\n\t')}\n >`;
}

function textValue(value: unknown): string {
  if (typeof value === 'string') return stringValue(value);
  if (value instanceof Error) return stringValue(errorText(value));
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return toJSON(value);
}

const letters = { info: 'I', warning: 'W', error: 'E' } as const;

/** klog's text: `I1120 16:11:00.123456    1234 component] "message" key="value"`, in local time. */
export const formatLogText: LogFormat = ({ severity, timeMs, pid, component, message, error, fields }) => {
  const date = new Date(timeMs);
  // A fraction of a millisecond is not exact; rounding it must not carry into the second.
  const micros = Math.min(999_999, Math.round((timeMs - Math.floor(timeMs / 1000) * 1000) * 1000));
  const time = `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${pad(micros, 6)}`;
  let line = `${letters[severity]}${pad(date.getMonth() + 1, 2)}${pad(date.getDate(), 2)} ${time} ${String(pid).padStart(7)} ${component}] ${quote(message)}`;
  if (error !== undefined) line += ` err=${stringValue(errorText(error))}`;
  for (const key of Object.keys(fields)) line += ` ${key}=${textValue(fields[key])}`;
  return line;
};

/** Keys of the record itself, which a field must not take. */
const reserved = new Set(['ts', 'logger', 'msg', 'v', 'err']);

/** klog's JSON: `{"ts":1700000000000.123,"logger":"component","msg":"message","v":0,"key":"value"}`. */
export const formatLogJSON: LogFormat = ({ severity, timeMs, component, verbosity, message, error, fields }) => {
  let line = `{"ts":${timeMs},"logger":${JSON.stringify(component)},"msg":${JSON.stringify(message)}`;
  // As upstream, an error has no verbosity: it is always written.
  if (severity !== 'error') line += `,"v":${verbosity}`;
  if (error !== undefined) line += `,"err":${JSON.stringify(errorText(error))}`;
  for (const key of Object.keys(fields)) {
    line += `,${JSON.stringify(reserved.has(key) ? `${key}_` : key)}:${toJSON(fields[key])}`;
  }
  return `${line}}`;
};
