/** `POST .../serviceaccounts/NAME/token`: tokens that are bound, and expire (KEP-1205). */
import type { ServiceAccount } from '../../../api/types/core.v1.ts';
import type { TokenRequest, TokenRequestSpec } from '../../../api/types/authentication.v1.ts';
import { lookupType } from '../../../api/schema/schema.ts';
import { applyDeclaredDefaults } from '../../../api/schema/defaults.ts';
import { root } from '../../../machinery/field-error.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { JwtSigner } from '../../../machinery/jwt/jws.ts';
import type { Random } from '../../../machinery/random.ts';
import { badRequest, invalid, notFound } from '../../../machinery/status.ts';
import { formatTime } from '../../../machinery/time.ts';
import { addAuditAnnotation } from '../../admission/audit-annotations.ts';
import { decodeObject, readRequestBody } from '../../registry/body.ts';
import { parseWriteOptions } from '../../registry/options.ts';
import type { ResourceRequest } from '../../registry/request.ts';
import { sendTyped } from '../../registry/respond.ts';
import { bindingOf } from './binding.ts';
import type { Binding } from './binding.ts';
import type { LateBoundObjects } from './bound-objects.ts';
import { usernameOf } from './names.ts';

/** What signs now: keys may change while the server runs. */
export interface TokenSigner {
  readonly current: JwtSigner;
}

export interface TokenIssuerOptions {
  readonly issuer: string;
  readonly signer: TokenSigner;
  readonly apiAudiences: readonly string[];
  readonly objects: LateBoundObjects;
  readonly random: Random;
  /** `--service-account-max-token-expiration`; 0: none. */
  readonly maxExpirationSeconds: number;
  /** `--service-account-extend-token-expiration` */
  readonly extendExpiration: boolean;
}

const kind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const;
const schema = lookupType(kind.group, kind.version, kind.kind);
const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32;
/** What the ServiceAccount admission plugin asks for: such tokens are good for longer, with a warning after this. */
const warnOnlyExpirationSeconds = 3607;
const extendedExpirationSeconds = 365 * 24 * 60 * 60;

/** Issues tokens to service accounts. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  async serve(request: ResourceRequest): Promise<void> {
    const { exchange, info, registry } = request;
    if (schema === undefined) throw new Error('no schema of TokenRequest');
    const options = parseWriteOptions(exchange.query, 'CreateOptions');
    const body = await readRequestBody(exchange);
    if (body === undefined) throw badRequest('the request has no body: send a TokenRequest');
    const sent = decodeObject(exchange, body, kind, schema, options.fieldValidation) as TokenRequest;
    const { namespace, name } = info;
    checkNames(sent, namespace, name);
    const objects = this.#options.objects.get();
    await objects.prepare(['serviceaccounts']);
    const account = objects.read('serviceaccounts', namespace, name)?.object;
    if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name);

    applyDeclaredDefaults(schema, sent);
    const nowMs = registry.clock.now();
    const review = this.#complete(sent, account, nowMs);
    const errors = validate(review.spec);
    if (errors.length > 0) throw invalid(kind, '', errors);
    const gate = registry.admission.gate(request, 'CREATE', { dryRun: options.dryRun, kind });
    await gate?.admit(review, undefined);
    await gate?.validate(review, undefined);

    const { boundObjectRef } = review.spec;
    const binding = boundObjectRef ? await bindingOf(objects, boundObjectRef, namespace, name) : {};
    this.#boundExpiration(review.spec, (text) => exchange.addWarning(text));
    const { token, id } = this.#sign(account, binding, review.spec, nowMs);
    addAuditAnnotation(exchange, 'authentication.kubernetes.io/issued-credential-id', `JTI=${id}`);
    const expiresMs = nowMs + (review.spec.expirationSeconds ?? 0) * 1000;
    await sendTyped(exchange, 201, { ...review, status: { token, expirationTimestamp: formatTime(expiresMs) } });
  }

  /** What was sent, with everything that it may leave out. */
  #complete({ metadata, spec }: TokenRequest, account: ServiceAccount, nowMs: number): TokenRequest & Typed {
    return {
      kind: kind.kind,
      apiVersion: `${kind.group}/${kind.version}`,
      metadata: {
        ...metadata,
        name: account.metadata.name ?? '',
        namespace: account.metadata.namespace ?? '',
        creationTimestamp: formatTime(nowMs),
      },
      spec: {
        ...spec,
        audiences: spec.audiences && spec.audiences.length > 0 ? spec.audiences : [...this.#options.apiAudiences],
        expirationSeconds: spec.expirationSeconds ?? defaultExpirationSeconds,
      },
      status: {},
    };
  }

  #boundExpiration(spec: TokenRequestSpec, warn: (text: string) => void): void {
    const { maxExpirationSeconds: max } = this.#options;
    const { expirationSeconds = 0 } = spec;
    if (max <= 0 || expirationSeconds <= max) return;
    warn(`requested expiration of ${expirationSeconds} seconds shortened to ${max} seconds`);
    spec.expirationSeconds = max;
  }

  #sign(
    { metadata }: ServiceAccount,
    { pod, secret, node }: Binding,
    { audiences, expirationSeconds = 0 }: TokenRequestSpec,
    nowMs: number,
  ): { readonly token: string; readonly id: string } {
    const { issuer, signer, random, apiAudiences, extendExpiration } = this.#options;
    const { namespace = '', name = '', uid = '' } = metadata;
    const isForApi = audiences?.some((audience) => apiAudiences.includes(audience)) === true;
    const isExtended =
      extendExpiration && pod !== undefined && expirationSeconds === warnOnlyExpirationSeconds && isForApi;
    const now = Math.floor(nowMs / 1000);
    const id = random.uuid();
    const token = signer.current.sign({
      aud: audiences,
      exp: now + (isExtended ? extendedExpirationSeconds : expirationSeconds),
      iat: now,
      iss: issuer,
      jti: id,
      'kubernetes.io': {
        namespace,
        ...(node === undefined ? {} : { node }),
        ...(pod === undefined ? {} : { pod }),
        ...(secret === undefined ? {} : { secret }),
        serviceaccount: { name, uid },
        ...(isExtended ? { warnafter: now + expirationSeconds } : {}),
      },
      nbf: now,
      sub: usernameOf(namespace, name),
    });
    return { token, id };
  }
}

interface Typed {
  kind: 'TokenRequest';
  apiVersion: 'authentication.k8s.io/v1';
}

function checkNames({ metadata }: TokenRequest, namespace: string, name: string): void {
  const wrong = (field: 'name' | 'namespace', value: string): never => {
    const detail = `must match the service account ${field} if specified`;
    throw invalid(kind, name, [root('metadata').child(field).invalid(value, detail)]);
  };
  if (metadata.name && metadata.name !== name) wrong('name', metadata.name);
  if (metadata.namespace && metadata.namespace !== namespace) wrong('namespace', metadata.namespace);
}

function validate({ expirationSeconds = 0 }: TokenRequestSpec): FieldError[] {
  const path = root('spec').child('expirationSeconds');
  if (expirationSeconds < minExpirationSeconds) {
    return [path.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes')];
  }
  if (expirationSeconds > maxExpirationSeconds) {
    return [path.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')];
  }
  return [];
}
