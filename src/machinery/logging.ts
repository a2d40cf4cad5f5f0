import type { Clock } from './clock.ts';
import { formatLogText } from './logging-format.ts';
import type { LogFields, LogFormat, LogRecord } from './logging-format.ts';

export { formatLogJSON, formatLogText } from './logging-format.ts';
export type { LogFields, LogFormat, LogRecord } from './logging-format.ts';

/** Where lines go. What it throws is swallowed: a full disk under the log must not stop the component. */
export interface LogSink {
  /** One record, with its line end. It may hold line breaks within. */
  write(line: string): void;
}

export interface LoggerOptions {
  readonly component: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly sink: LogSink;
  /** Default: klog's text. */
  readonly format?: LogFormat;
  /** What `--v` says: records up to this verbosity are written. Default 0. */
  readonly verbosity?: number;
  /** Default: this process's. */
  readonly pid?: number;
}

/** Shared by a logger and all that were made from it. */
interface Output {
  readonly clock: Pick<Clock, 'now'>;
  readonly sink: LogSink;
  readonly format: LogFormat;
  readonly pid: number;
  verbosity: number;
}

const noFields: LogFields = Object.freeze({});

/** Writes records at one verbosity. */
export interface VerboseLogger {
  info(message: string, fields?: LogFields): void;
}

/**
 * Structured logging in klog's forms. It never throws. A message is a fixed sentence; what varies goes into fields.
 * For records that are rarely wanted: `log.v(4)?.info('Received event', { key })` costs nothing when it is off.
 */
export class Logger implements VerboseLogger {
  readonly component: string;
  readonly #output: Output;
  readonly #fields: LogFields;
  readonly #verbose = new Map<number, VerboseLogger>();

  private constructor(component: string, output: Output, fields: LogFields) {
    this.component = component;
    this.#output = output;
    this.#fields = fields;
  }

  static create(options: LoggerOptions): Logger {
    return new Logger(
      options.component,
      {
        clock: options.clock,
        sink: options.sink,
        format: options.format ?? formatLogText,
        pid: options.pid ?? process.pid,
        verbosity: options.verbosity ?? 0,
      },
      noFields,
    );
  }

  /** Writes nothing. */
  static readonly silent: Logger = Logger.create({
    component: '',
    clock: { now: () => 0 },
    sink: { write: () => {} },
    verbosity: -1,
  });

  /** The verbosity of this logger and all its kin; it may change while the program runs. */
  get verbosity(): number {
    return this.#output.verbosity;
  }
  set verbosity(verbosity: number) {
    this.#output.verbosity = verbosity;
  }

  /** A logger for another part of the program. */
  named(component: string): Logger {
    return new Logger(component, this.#output, this.#fields);
  }

  /** A logger whose records all carry these fields. */
  with(fields: LogFields): Logger {
    return new Logger(this.component, this.#output, { ...this.#fields, ...fields });
  }

  /** A logger for records of this verbosity; undefined when they are not written. */
  v(verbosity: number): VerboseLogger | undefined {
    if (verbosity > this.#output.verbosity) return undefined;
    let verbose = this.#verbose.get(verbosity);
    if (verbose === undefined) {
      verbose = { info: (message, fields) => this.#write('info', verbosity, message, undefined, fields) };
      this.#verbose.set(verbosity, verbose);
    }
    return verbose;
  }

  info(message: string, fields?: LogFields): void {
    if (this.#output.verbosity >= 0) this.#write('info', 0, message, undefined, fields);
  }

  warning(message: string, fields?: LogFields): void {
    if (this.#output.verbosity >= 0) this.#write('warning', 0, message, undefined, fields);
  }

  /** Says what could not be done; `error` is what was caught, if anything. */
  error(message: string, error: unknown, fields?: LogFields): void {
    if (this.#output.verbosity >= 0) this.#write('error', 0, message, error, fields);
  }

  #write(
    severity: LogRecord['severity'],
    verbosity: number,
    message: string,
    error: unknown,
    fields: LogFields | undefined,
  ): void {
    const { clock, sink, format, pid } = this.#output;
    try {
      const record: LogRecord = {
        severity,
        timeMs: clock.now(),
        pid,
        component: this.component,
        verbosity,
        message,
        error,
        fields: fields === undefined ? this.#fields : { ...this.#fields, ...fields },
      };
      sink.write(`${format(record)}\n`);
    } catch {
      // Nobody is left to tell.
    }
  }
}

/** The part of a writable stream that a sink needs. */
export interface LogStream {
  readonly writableLength: number;
  write(text: string): unknown;
}

/** A reader that has stopped reading must not make the program hold all it says. */
const defaultMaxBuffered = 4 * 1024 * 1024;

/** Lines to a stream such as `process.stderr`. While more than `maxBufferedBytes` wait, lines are dropped and counted. */
export class StreamLogSink implements LogSink {
  readonly #stream: LogStream;
  readonly #maxBuffered: number;
  #dropped = 0;

  constructor(stream: LogStream, maxBufferedBytes = defaultMaxBuffered) {
    this.#stream = stream;
    this.#maxBuffered = maxBufferedBytes;
  }

  write(line: string): void {
    if (this.#stream.writableLength > this.#maxBuffered) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#stream.write(`(${this.#dropped} log records were dropped here: nobody read them)\n`);
      this.#dropped = 0;
    }
    this.#stream.write(line);
  }
}
