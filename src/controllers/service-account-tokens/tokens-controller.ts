import { createPrivateKey } from 'node:crypto';
import type { Secret, ServiceAccount } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { secrets, serviceAccounts } from '../../client/resources.ts';
import { hasReason, retryOnConflict } from '../../client/retry-on-conflict.ts';
import { JwtSigner } from '../../machinery/jwt/jws.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { accountNameAnnotation, accountOf, accountUidAnnotation, isOf, legacyClaims } from './token-secret.ts';

const accountIndex = 'serviceAccount';

/** Fills Secrets that ask for the token of a ServiceAccount, and removes them when it is gone. */
export class TokensController implements Controller {
  readonly #signer: JwtSigner;
  readonly #rootCA: string | undefined;
  readonly #accounts: Informer<ServiceAccount>;
  readonly #secrets: Informer<Secret>;
  readonly #secretLoop: ReconcileLoop;
  readonly #referenceLoop: ReconcileLoop;

  /** @param privateKey PEM. Throws for one that cannot sign tokens. */
  constructor(context: ControllerContext, privateKey: string) {
    const { informers, client, options } = context;
    this.#signer = new JwtSigner(createPrivateKey(privateKey));
    this.#rootCA = options.rootCA;
    const workers = options.concurrentSyncs.serviceAccountToken;
    const isNoteworthy = (error: unknown): boolean => !hasReason(error, 'Conflict');
    this.#secretLoop = new ReconcileLoop({
      ...context.queueOptions('serviceaccount_tokens_secret'),
      workers,
      reconcile: (key, cause) => this.#reconcileSecret(key, client.causedBy(cause)),
      isNoteworthy,
    });
    this.#referenceLoop = new ReconcileLoop({
      ...context.queueOptions('serviceaccount_tokens_service'),
      workers,
      reconcile: (key, cause) => this.#removeReference(key, client.causedBy(cause)),
      isNoteworthy,
    });
    this.#accounts = informers.of(serviceAccounts);
    this.#secrets = informers.of(secrets);
    this.#secrets.addIndex(accountIndex, (secret) => {
      const account = accountOf(secret);
      return account === undefined ? [] : [`${secret.metadata.namespace ?? ''}/${account.name}`];
    });
    const secretChanged = (secret: Secret): void => {
      if (accountOf(secret) !== undefined) this.#secretLoop.enqueue(keyOf(secret), secret.metadata.resourceVersion);
    };
    this.#secrets.addHandlers({
      added: secretChanged,
      updated: secretChanged,
      deleted: (secret) => {
        const account = accountOf(secret);
        if (account === undefined) return;
        const { namespace = '', name = '', resourceVersion } = secret.metadata;
        this.#referenceLoop.enqueue(`${namespace}/${account.name}/${name}`, resourceVersion);
      },
    });
    const accountChanged = (account: ServiceAccount): void => {
      for (const secret of this.#secrets.lister.byIndex(accountIndex, keyOf(account))) {
        this.#secretLoop.enqueue(keyOf(secret), account.metadata.resourceVersion);
      }
    };
    this.#accounts.addHandlers({ added: accountChanged, deleted: accountChanged });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#accounts.synced, this.#secrets.synced]);
    await Promise.all([this.#secretLoop.run(signal), this.#referenceLoop.run(signal)]);
  }

  async #reconcileSecret(key: string, client: Client): Promise<void> {
    const secret = this.#secrets.lister.get(key);
    const named = secret === undefined ? undefined : accountOf(secret);
    if (secret === undefined || named === undefined) return;
    const account = await this.#accountOf(secret, named.name, client);
    if (account === undefined) {
      await deleteSecret(secret, client);
      return;
    }
    if (this.#missing(secret) === undefined) return;
    // What is filled in must not undo what another filled in a moment ago.
    const live = await client.get(secrets, secret.metadata.namespace, secret.metadata.name ?? '').catch(orNothing);
    if (live === undefined || live.metadata.uid !== secret.metadata.uid) return;
    const missing = this.#missing(live);
    if (missing === undefined) return;
    const { name = '', namespace = '', uid = '' } = account.metadata;
    const data: Record<string, string> = { ...live.data };
    if (missing.ca && this.#rootCA !== undefined) data['ca.crt'] = base64(this.#rootCA);
    if (missing.namespace) data['namespace'] = base64(namespace);
    if (missing.token) data['token'] = base64(this.#signer.sign(legacyClaims(account, live.metadata.name ?? '')));
    const annotations = {
      ...live.metadata.annotations,
      [accountNameAnnotation]: name,
      [accountUidAnnotation]: uid,
    };
    await client.update(secrets, { ...live, metadata: { ...live.metadata, annotations }, data }).catch(orNothing);
  }

  #missing({
    data = {},
  }: Secret): { readonly ca: boolean; readonly namespace: boolean; readonly token: boolean } | undefined {
    const ca = this.#rootCA !== undefined && data['ca.crt'] !== base64(this.#rootCA);
    const namespace = (data['namespace'] ?? '') === '';
    const token = (data['token'] ?? '') === '';
    return ca || namespace || token ? { ca, namespace, token } : undefined;
  }

  /** The server is asked before a Secret is taken for one whose account is gone. */
  async #accountOf(secret: Secret, name: string, client: Client): Promise<ServiceAccount | undefined> {
    const { namespace = '' } = secret.metadata;
    const known = this.#accounts.lister.get(`${namespace}/${name}`);
    if (known !== undefined && isOf(secret, known)) return known;
    const live = await client.get(serviceAccounts, namespace, name).catch(orNothing);
    return live !== undefined && isOf(secret, live) ? live : undefined;
  }

  /** An account names the Secrets that its Pods may mount: one that is gone is no longer among them. */
  async #removeReference(key: string, client: Client): Promise<void> {
    const [namespace = '', accountName = '', secretName = ''] = key.split('/');
    if (!names(this.#accounts.lister.get(`${namespace}/${accountName}`), secretName)) return;
    await retryOnConflict(async () => {
      const account = await client.get(serviceAccounts, namespace, accountName).catch(orNothing);
      if (account === undefined || !names(account, secretName)) return;
      // One of the same name may have been made since.
      if ((await client.get(secrets, namespace, secretName).catch(orNothing)) !== undefined) return;
      const left = (account.secrets ?? []).filter(({ name }) => name !== secretName);
      await client.update(serviceAccounts, { ...account, secrets: left });
    });
  }
}

function names(account: ServiceAccount | undefined, secretName: string): boolean {
  return account?.secrets?.some(({ name }) => name === secretName) ?? false;
}

async function deleteSecret({ metadata }: Secret, client: Client): Promise<void> {
  const preconditions = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  await client.delete(secrets, metadata.namespace, metadata.name ?? '', { preconditions }).catch(orNothing);
}

function orNothing(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
