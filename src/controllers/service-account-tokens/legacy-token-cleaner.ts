import type { Pod, Secret, ServiceAccount } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { configMaps, pods, secrets, serviceAccounts } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { accountOf, isOf } from './token-secret.ts';

const dayMs = 24 * 60 * 60 * 1000;
const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';
/** Since when API servers note which tokens are used. */
const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };

/** What is done with a token that was made without anybody asking. */
export type Verdict = 'keep' | 'invalidate' | 'delete';

/** Invalidates tokens that were made automatically and not used for long, and later deletes them (KEP-2799). */
export class LegacyTokenCleaner implements Controller {
  readonly #context: ControllerContext;
  readonly #accounts: Informer<ServiceAccount>;
  readonly #secrets: Informer<Secret>;
  readonly #pods: Informer<Pod>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#accounts = context.informers.of(serviceAccounts);
    this.#secrets = context.informers.of(secrets);
    this.#pods = context.informers.of(pods);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#accounts.synced, this.#secrets.synced, this.#pods.synced]);
    const { clock, log, client } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#evaluate(client);
      } catch (error) {
        if (!signal.aborted) log.v(2)?.info('Legacy tokens could not be judged', { error: String(error) });
      }
      await clock.sleep(dayMs, signal).catch(() => {});
    }
  }

  async #evaluate(client: Client): Promise<void> {
    const { clock, options } = this.#context;
    const nowMs = clock.now();
    const periodMs = options.legacyServiceAccountTokenCleanUpPeriodMs;
    const since = (await client.get(configMaps, tracking.namespace, tracking.name)).data?.['since'];
    // Of what was not tracked for the whole period nobody knows whether it was used.
    if (since === undefined || !(dayOf(since) + dayMs + periodMs <= nowMs)) return;
    for (const secret of this.#secrets.lister.values()) {
      if (accountOf(secret) === undefined || !this.#isAutomatic(secret) || this.#isMounted(secret)) continue;
      await this.#carryOut(judge(secret, nowMs, periodMs), secret, client);
    }
  }

  async #carryOut(verdict: Verdict, { metadata }: Secret, client: Client): Promise<void> {
    const { namespace, name = '', uid = '', resourceVersion = '' } = metadata;
    try {
      if (verdict === 'delete') {
        await client.delete(secrets, namespace, name, { preconditions: { uid, resourceVersion } });
      } else if (verdict === 'invalidate') {
        const today = new Date(this.#context.clock.now()).toISOString().slice(0, 10);
        const labels = { [invalidSinceLabel]: today };
        await client.patch(secrets, namespace, name, 'strategic', { metadata: { uid, resourceVersion, labels } });
      }
    } catch (error) {
      // What was changed meanwhile is judged again the next day.
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  /** What was made automatically stands in its account's list. */
  #isAutomatic(secret: Secret): boolean {
    const { namespace = '', name } = secret.metadata;
    const account = this.#accounts.lister.get(`${namespace}/${accountOf(secret)?.name ?? ''}`);
    if (account === undefined || !isOf(secret, account)) return false;
    return account.secrets?.some((one) => one.name === name) ?? false;
  }

  #isMounted({ metadata }: Secret): boolean {
    return this.#pods.lister
      .byIndex(namespaceIndex, metadata.namespace ?? '')
      .some(({ spec }) => spec.volumes?.some(({ secret }) => secret?.secretName === metadata.name));
  }
}

/** Days count to their end, wherever in the world they are. */
export function judge({ metadata }: Secret, nowMs: number, periodMs: number): Verdict {
  const { labels = {}, creationTimestamp = '' } = metadata;
  const invalidSince = labels[invalidSinceLabel] ?? '';
  if (!(Date.parse(creationTimestamp) + periodMs <= nowMs)) return 'keep';
  const lastUsed = labels[lastUsedLabel] ?? '';
  const isUnused = lastUsed === '' || dayOf(lastUsed) + dayMs + periodMs <= nowMs;
  if (invalidSince === '') return isUnused ? 'invalidate' : 'keep';
  return isUnused && dayOf(invalidSince) + dayMs + periodMs <= nowMs ? 'delete' : 'keep';
}

/** NaN for what is no day. */
function dayOf(text: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
}
