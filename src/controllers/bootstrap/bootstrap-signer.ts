import type { ConfigMap, Secret } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { configMaps, secrets } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { detachedSignature, isBootstrapToken, signingToken, tokenNamespace } from './bootstrap-token.ts';

const clusterInfo = 'kube-public/cluster-info';
const contentKey = 'kubeconfig';
const signaturePrefix = 'jws-kubeconfig-';

/** Signs what joining machines read of the cluster before they trust it, with each token that they may hold. */
export class BootstrapSigner implements Controller {
  readonly #context: ControllerContext;
  readonly #configMaps: Informer<ConfigMap>;
  readonly #secrets: Informer<Secret>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('bootstrap_signer_queue'),
      workers: 1,
      reconcile: (_key, cause) => this.#reconcile(context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#configMaps = context.informers.of(configMaps);
    this.#secrets = context.informers.of(secrets);
    const infoChanged = (object: ConfigMap): void => {
      if (keyOf(object) === clusterInfo) this.#loop.enqueue(clusterInfo, object.metadata.resourceVersion);
    };
    this.#configMaps.addHandlers({ added: infoChanged, updated: infoChanged });
    const tokenChanged = (secret: Secret): void => {
      if (isBootstrapToken(secret)) this.#loop.enqueue(clusterInfo, secret.metadata.resourceVersion);
    };
    this.#secrets.addHandlers({ added: tokenChanged, updated: tokenChanged, deleted: tokenChanged });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#configMaps.synced, this.#secrets.synced]);
    await this.#loop.run(signal);
  }

  async #reconcile(client: Client): Promise<void> {
    const info = this.#configMaps.lister.get(clusterInfo);
    const content = info?.data?.[contentKey];
    if (info === undefined || content === undefined) return;
    const others = Object.entries(info.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix));
    const nowMs = this.#context.clock.now();
    const signatures = this.#secrets.lister.byIndex(namespaceIndex, tokenNamespace).flatMap((secret) => {
      const token = signingToken(secret, nowMs);
      if (token === undefined) return [];
      return [[signaturePrefix + token.id, detachedSignature(content, token.id, token.secret)] as const];
    });
    const data = Object.fromEntries([...others, ...signatures]);
    if (deepEqual(data, info.data)) return;
    try {
      await client.update(configMaps, { ...info, data });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
