/** The flags of authorization, in upstream's names. */
import { authorizationModes, defaultModes } from '../authorization/modes.ts';
import type { AuthorizationMode } from '../authorization/modes.ts';
import type { AuthorizationOptions } from '../authorization/options.ts';
import { legacyTimeoutMs } from '../authorization/webhook/settings.ts';
import { FlagError, flag, section } from '../../machinery/flags/flag-set.ts';
import type { FlagValues } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';
import { FlagValueError } from '../../machinery/flags/flag-types.ts';
import type { FlagType } from '../../machinery/flags/flag-types.ts';

const modesToCome = new Set(['ABAC']);
const choices = types.choices(authorizationModes);

/** Undefined: not given. */
const modes: FlagType<readonly AuthorizationMode[] | undefined> = {
  name: choices.name,
  parse(value) {
    const missing = types.list.parse(value).find((mode) => modesToCome.has(mode));
    if (missing !== undefined) {
      throw new FlagValueError(`${missing} is not implemented yet; must be one of ${authorizationModes.join(', ')}`);
    }
    return choices.parse(value);
  },
  print: (value) => types.list.print(value ?? []),
  merge: (earlier, later) => [...(earlier ?? []), ...(later ?? [])],
};

const webhookDefaults = { authorizedTtlMs: 5 * 60_000, unauthorizedTtlMs: 30_000, version: 'v1beta1' } as const;

export const authorizationFlags = section('Authorization', {
  'authorization-config': flag(
    types.optionalText,
    undefined,
    'The `file` with the authorizers, an AuthorizationConfiguration, in place of --authorization-mode. It is read again when it changes.',
  ),
  'authorization-mode': flag(
    modes,
    undefined,
    `Who may do what is decided by these, one after the other: ${authorizationModes.join(', ')}. Default: ${defaultModes.join(',')}.`,
  ),
  'authorization-webhook-cache-authorized-ttl': flag(
    types.durationMs({ minMs: 0 }),
    webhookDefaults.authorizedTtlMs,
    'How long it is kept that the webhook allowed something. 0: not at all.',
  ),
  'authorization-webhook-cache-unauthorized-ttl': flag(
    types.durationMs({ minMs: 0 }),
    webhookDefaults.unauthorizedTtlMs,
    'How long it is kept that the webhook did not allow something. 0: not at all.',
  ),
  'authorization-webhook-config-file': flag(
    types.optionalText,
    undefined,
    'The kubeconfig `file` of the webhook that is asked with the mode Webhook.',
  ),
  'authorization-webhook-version': flag(
    types.choice(['v1', 'v1beta1']),
    webhookDefaults.version,
    'The version of SubjectAccessReview that the webhook is sent, and answers with: v1 or v1beta1.',
  ),
});

type Values = FlagValues<typeof authorizationFlags>;

export function authorizationOptionsOf(values: Values): AuthorizationOptions {
  const configFile = values['authorization-config'];
  const kubeConfigFile = values['authorization-webhook-config-file'];
  const keep = (ttlMs: number): number | undefined => (ttlMs === 0 ? undefined : ttlMs);
  return {
    modes: values['authorization-mode'] ?? defaultModes,
    ...(configFile === undefined ? {} : { configFile }),
    ...(kubeConfigFile === undefined
      ? {}
      : {
          webhook: {
            name: 'default',
            kubeConfigFile,
            version: values['authorization-webhook-version'],
            timeoutMs: legacyTimeoutMs,
            authorizedTtlMs: keep(values['authorization-webhook-cache-authorized-ttl']),
            unauthorizedTtlMs: keep(values['authorization-webhook-cache-unauthorized-ttl']),
            failurePolicy: 'NoOpinion',
            matchConditions: [],
          },
        }),
  };
}

/** Refuses what is right each for itself and wrong together. Throws FlagError. */
export function checkAuthorization(values: Values): void {
  const given = values['authorization-mode'];
  const webhookFile = values['authorization-webhook-config-file'];
  const isWebhookConfigured =
    webhookFile !== undefined ||
    values['authorization-webhook-cache-authorized-ttl'] !== webhookDefaults.authorizedTtlMs ||
    values['authorization-webhook-cache-unauthorized-ttl'] !== webhookDefaults.unauthorizedTtlMs ||
    values['authorization-webhook-version'] !== webhookDefaults.version;
  if (values['authorization-config'] !== undefined && (given !== undefined || isWebhookConfigured)) {
    throw new FlagError(
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    );
  }
  const duplicate = given?.find((mode, index, all) => all.indexOf(mode) !== index);
  if (duplicate !== undefined) {
    throw new FlagError(`invalid argument for --authorization-mode: ${duplicate} is given more than once`);
  }
  if (given?.length === 0) {
    throw new FlagError('invalid argument "" for --authorization-mode: at least one authorization-mode must be passed');
  }
  const hasWebhook = given?.includes('Webhook') ?? false;
  if (hasWebhook && webhookFile === undefined) {
    throw new FlagError("authorization-mode Webhook's authorization config file not passed");
  }
  if (!hasWebhook && webhookFile !== undefined) {
    throw new FlagError('cannot specify --authorization-webhook-config-file without mode Webhook');
  }
}
