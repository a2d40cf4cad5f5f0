import type { AuditBackend, AuditFailure } from './contract.ts';
import type { AuditEvent } from './event.ts';

export interface AuditWriter {
  /** Throws when the text cannot be kept. */
  write(text: string): void;
  close(): Promise<void>;
}

export const logPlugin = 'log';

/** Writes events as they come, a line of JSON each. */
export class LogBackend implements AuditBackend {
  readonly #writer: AuditWriter;
  readonly #onFailure: AuditFailure;

  constructor(writer: AuditWriter, onFailure: AuditFailure) {
    this.#writer = writer;
    this.#onFailure = onFailure;
  }

  process(events: readonly AuditEvent[]): boolean {
    let text = '';
    for (const event of events) text += `${event.text}\n`;
    try {
      this.#writer.write(text);
      return true;
    } catch (error) {
      this.#onFailure(logPlugin, events.length, error);
      return false;
    }
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
