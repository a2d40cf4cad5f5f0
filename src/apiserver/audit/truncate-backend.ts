import type { AuditBackend, AuditFailure } from './contract.ts';
import type { AuditEvent } from './event.ts';

export interface TruncateOptions {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
}

/** Takes the objects out of events that are too large, and divides batches that are. */
export class TruncateBackend implements AuditBackend {
  readonly #delegate: AuditBackend;
  readonly #options: TruncateOptions;
  readonly #onFailure: AuditFailure;

  constructor(delegate: AuditBackend, options: TruncateOptions, onFailure: AuditFailure) {
    this.#delegate = delegate;
    this.#options = options;
    this.#onFailure = onFailure;
  }

  process(events: readonly AuditEvent[]): boolean | Promise<boolean> {
    const answers = this.#batches(events).map((batch) => this.#delegate.process(batch));
    if (!answers.some((answer) => answer instanceof Promise)) return answers.every((answer) => answer === true);
    return Promise.all(answers).then((all) => all.every(Boolean));
  }

  close(): Promise<void> {
    return this.#delegate.close();
  }

  #batches(events: readonly AuditEvent[]): readonly (readonly AuditEvent[])[] {
    const { maxEventBytes, maxBatchBytes } = this.#options;
    const batches: AuditEvent[][] = [];
    let size = Infinity;
    for (const event of events) {
      const fitting = sizeOf(event) <= maxEventBytes ? event : event.truncated();
      const bytes = sizeOf(fitting);
      if (bytes > maxEventBytes) {
        this.#onFailure('truncate', 1, new Error('event is too large even after truncating'));
        continue;
      }
      if (size + bytes > maxBatchBytes) {
        batches.push([]);
        size = 0;
      }
      batches.at(-1)?.push(fitting);
      size += bytes;
    }
    return batches;
  }
}

function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(event.item, 'utf8');
}
