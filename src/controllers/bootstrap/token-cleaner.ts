import type { Secret } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { secrets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { expiresAtMs, isBootstrapToken } from './bootstrap-token.ts';

/** Deletes bootstrap tokens when they end. */
export class TokenCleaner implements Controller {
  readonly #context: ControllerContext;
  readonly #secrets: Informer<Secret>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('token_cleaner'),
      workers: 10,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
    });
    this.#secrets = context.informers.of(secrets);
    const changed = (secret: Secret): void => {
      if (isBootstrapToken(secret)) this.#loop.enqueue(keyOf(secret), secret.metadata.resourceVersion);
    };
    this.#secrets.addHandlers({ added: changed, updated: changed });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#secrets.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const secret = this.#secrets.lister.get(key);
    if (secret === undefined || !isBootstrapToken(secret)) return;
    const leftMs = expiresAtMs(secret) - this.#context.clock.now();
    if (leftMs > 0) {
      if (leftMs !== Infinity) this.#loop.enqueueAfter(key, leftMs);
      return;
    }
    const { namespace, name = '', uid = '' } = secret.metadata;
    try {
      await client.delete(secrets, namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }
}
