import type { KubernetesObject, UserInfo } from '../../../api/contract.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { notFound } from '../../../machinery/status.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated } from '../contract.ts';
import type { ServiceAccountMetrics } from '../metrics.ts';
import { credentialIdKey } from '../users.ts';
import type { BoundKind, BoundObjects, LateBoundObjects, ReadObject } from './bound-objects.ts';
import { checkTime, kubernetesClaims, leewaySeconds } from './claims.ts';
import type { KubernetesClaims, ObjectClaim } from './claims.ts';
import { groupsOf, usernameOf } from './names.ts';
import type { ClaimsValidator, VerifiedToken } from './token-authenticator.ts';

export interface BoundValidatorOptions {
  readonly objects: LateBoundObjects;
  readonly clock: Clock;
  readonly metrics: ServiceAccountMetrics;
}

const invalidated = 'service account token has been invalidated';

/**
 * Judges tokens of the TokenRequest API: within their time, and only as long as the service account and the object that
 * they are bound to are there, with the same uid. What is being deleted counts for a minute more.
 */
export class BoundTokenValidator implements ClaimsValidator {
  readonly #options: BoundValidatorOptions;

  constructor(options: BoundValidatorOptions) {
    this.#options = options;
  }

  validate(token: VerifiedToken): Authenticated | Promise<Authenticated> {
    checkTime(token.registered, this.#options.clock.now());
    const claims = kubernetesClaims(token.claims);
    const objects = this.#options.objects.get();
    const kinds: BoundKind[] = ['serviceaccounts'];
    if (claims.secret !== undefined) kinds.push('secrets');
    if (claims.pod !== undefined) kinds.push('pods');
    else if (claims.node !== undefined) kinds.push('nodes');
    const preparing = objects.prepare(kinds);
    return preparing === undefined
      ? this.#judge(token, claims, objects)
      : preparing.then(() => this.#judge(token, claims, objects));
  }

  #judge({ registered }: VerifiedToken, claims: KubernetesClaims, objects: BoundObjects): Authenticated {
    const { clock, metrics } = this.#options;
    const nowMs = clock.now();
    const { namespace, serviceaccount, secret, pod, node, warnAfter } = claims;
    const found: ReadObject<KubernetesObject>[] = [];
    // Until then no time that passes changes the answer.
    let untilMs = registered.expiresAt === undefined ? Infinity : (registered.expiresAt + leewaySeconds) * 1000;
    const check = <T extends KubernetesObject>(
      read: ReadObject<T> | undefined,
      gone: AuthenticationError,
    ): ReadObject<T> => {
      if (read === undefined) throw gone;
      const { deletionTimestamp } = read.object.metadata ?? {};
      if (deletionTimestamp !== undefined) {
        const goneMs = Date.parse(deletionTimestamp) + leewaySeconds * 1000;
        if (goneMs < nowMs) throw gone;
        untilMs = Math.min(untilMs, goneMs);
      }
      found.push(read);
      return read;
    };

    const account = objects.read('serviceaccounts', namespace, serviceaccount.name);
    if (account === undefined) {
      const { message } = notFound({ group: '', resource: 'serviceaccounts' }, serviceaccount.name);
      throw new AuthenticationError(message);
    }
    check(account, new AuthenticationError(`service account ${namespace}/${serviceaccount.name} has been deleted`));
    const accountUid = uidOf(account);
    if (accountUid !== serviceaccount.uid) {
      throw new AuthenticationError(`service account UID (${accountUid}) does not match claim (${serviceaccount.uid})`);
    }
    const bound = (kind: BoundKind, called: string, within: string, claim: ObjectClaim): void => {
      const uid = uidOf(check(objects.read(kind, within, claim.name), new AuthenticationError(invalidated)));
      if (uid !== claim.uid) {
        throw new AuthenticationError(
          `${called} UID (${uid}) does not match service account ${called.toLowerCase()} ref claim (${claim.uid})`,
        );
      }
    };
    if (secret !== undefined) bound('secrets', 'secret', namespace, secret);
    if (pod !== undefined) bound('pods', 'pod', namespace, pod);
    // A Pod's token only tells of its node.
    else if (node !== undefined) bound('nodes', 'node', '', node);

    const isStale = warnAfter !== undefined && warnAfter !== 0 && nowMs > warnAfter * 1000;
    if (isStale) metrics.staleTokens.inc();
    else if (warnAfter !== undefined && warnAfter !== 0) metrics.validTokens.inc();
    return {
      user: userOf(claims, registered.id),
      isCurrent: () => clock.now() <= untilMs && found.every((read) => read.isCurrent()),
      ...(isStale ? { annotations: staleAnnotation(registered.subject, nowMs, warnAfter) } : {}),
    };
  }
}

function staleAnnotation(subject: string, nowMs: number, warnAfter: number): Record<string, string> {
  const seconds = Math.floor(nowMs / 1000) - Math.floor(warnAfter);
  return { 'authentication.k8s.io/stale-token': `subject: ${subject}, seconds after warning threshold: ${seconds}` };
}

function uidOf({ object }: ReadObject<KubernetesObject>): string {
  return object.metadata?.uid ?? '';
}

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaims, tokenId: string): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  const tell = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') extra[key] = [value];
  };
  if (tokenId !== '') tell(credentialIdKey, `JTI=${tokenId}`);
  if (pod !== undefined && pod.name !== '' && pod.uid !== '') {
    tell('authentication.kubernetes.io/pod-name', pod.name);
    tell('authentication.kubernetes.io/pod-uid', pod.uid);
  }
  if (node !== undefined && node.name !== '') {
    tell('authentication.kubernetes.io/node-name', node.name);
    tell('authentication.kubernetes.io/node-uid', node.uid);
  }
  return {
    username: usernameOf(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: groupsOf(namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
