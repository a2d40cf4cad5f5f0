import type { WebhookClient } from '../webhook/webhook-client.ts';
import type { AuditBackend, AuditFailure } from './contract.ts';
import type { AuditEvent } from './event.ts';

/** Sends events to a webhook, as an EventList. */
export class WebhookBackend implements AuditBackend {
  readonly #client: Pick<WebhookClient, 'tell' | 'close'>;
  readonly #onFailure: AuditFailure;

  constructor(client: Pick<WebhookClient, 'tell' | 'close'>, onFailure: AuditFailure) {
    this.#client = client;
    this.#onFailure = onFailure;
  }

  async process(events: readonly AuditEvent[]): Promise<boolean> {
    const items = events.map((event) => event.item).join(',');
    try {
      await this.#client.tell(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`);
      return true;
    } catch (error) {
      this.#onFailure('webhook', events.length, error);
      return false;
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}
