import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../api/types/core.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import { parseTime } from '../../machinery/time.ts';
import type { UserToken } from './audiences.ts';
import { AuthenticationError } from './authentication-error.ts';
import type { Authenticated } from './contract.ts';
import type { LateBoundObjects } from './service-account/bound-objects.ts';

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const secretType = 'bootstrap.kubernetes.io/token';
const secretNamespace = 'kube-system';
const defaultGroup = 'system:bootstrappers';
const extraGroupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapTokenOptions {
  readonly objects: LateBoundObjects;
  readonly clock: Clock;
}

/**
 * Tokens that let a machine join the cluster: `ID.SECRET`, in the Secret `bootstrap-token-ID` of kube-system
 * (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/). Whatever is wrong with one, nobody knows it.
 */
export class BootstrapTokenAuthenticator implements UserToken {
  readonly #options: BootstrapTokenOptions;

  constructor(options: BootstrapTokenOptions) {
    this.#options = options;
  }

  authenticateToken(token: string): Authenticated | undefined | Promise<Authenticated | undefined> {
    const match = tokenPattern.exec(token);
    if (match === null) return undefined;
    const [, id = '', secret = ''] = match;
    const objects = this.#options.objects.get();
    return objects.prepare(['secrets'])?.then(() => this.#find(id, secret)) ?? this.#find(id, secret);
  }

  #find(id: string, given: string): Authenticated | undefined {
    const { objects, clock } = this.#options;
    const read = objects.get().read('secrets', secretNamespace, `bootstrap-token-${id}`);
    if (read === undefined) return undefined;
    const { metadata, type } = read.object;
    if (metadata.deletionTimestamp !== undefined || type !== secretType) return undefined;
    const secret = valueOf(read.object, 'token-secret');
    const isRight = secret.length === given.length && timingSafeEqual(Buffer.from(secret), Buffer.from(given));
    if (!isRight || valueOf(read.object, 'token-id') !== id) return undefined;
    if (valueOf(read.object, 'usage-bootstrap-authentication') !== 'true') return undefined;
    const expiresMs = expirationOf(read.object);
    const isExpired = (): boolean => clock.now() > expiresMs;
    if (isExpired()) return undefined;
    return {
      user: { username: `system:bootstrap:${id}`, groups: groupsOf(read.object) },
      isCurrent: () => read.isCurrent() && !isExpired(),
    };
  }
}

function valueOf({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
}

/** One that cannot be read has passed. */
function expirationOf(secret: Secret): number {
  const text = valueOf(secret, 'expiration');
  if (text === '') return Infinity;
  try {
    return parseTime(text);
  } catch {
    return -Infinity;
  }
}

function groupsOf(secret: Secret): string[] {
  const extra = valueOf(secret, 'auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  const bad = extra.find((group) => !extraGroupPattern.test(group));
  if (bad !== undefined) {
    throw new AuthenticationError(
      `bootstrap group "${bad}" is invalid (must match ${String.raw`\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z`})`,
    );
  }
  return [defaultGroup, ...new Set(extra)].sort();
}
