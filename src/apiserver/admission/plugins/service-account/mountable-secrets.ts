import type { Container, EphemeralContainer, PodSpec, ServiceAccount } from '../../../../api/types/core.v1.ts';

const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets';
/** What Go's `strconv.ParseBool` takes for true. */
const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

/** Whether Pods of a service account may use no Secrets but those that it lists. */
export function enforcesMountableSecrets({ metadata }: ServiceAccount): boolean {
  return trueTexts.has(metadata?.annotations?.[enforceAnnotation] ?? '');
}

function namesOf(references: readonly { readonly name?: string }[] | null | undefined): Set<string> {
  return new Set((references ?? []).map(({ name = '' }) => name));
}

/** The first reference that is not allowed, as a sentence. */
export function refusedReference(spec: PodSpec, account: ServiceAccount): string | undefined {
  const allowed = namesOf(account.secrets);
  const owner = account.metadata.name ?? '';
  for (const { secret } of spec.volumes ?? []) {
    if (!secret || allowed.has(secret.secretName ?? '')) continue;
    return `volume with secret.secretName="${secret.secretName}" is not allowed because service account ${owner} does not reference that secret`;
  }
  const found =
    refusedIn(spec.initContainers, 'init container', allowed, owner) ??
    refusedIn(spec.containers, 'container', allowed, owner);
  if (found !== undefined) return found;
  const pullSecrets = namesOf(account.imagePullSecrets);
  for (const [index, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    if (pullSecrets.has(name)) continue;
    return `imagePullSecrets[${index}].name="${name}" is not allowed because service account ${owner} does not reference that imagePullSecret`;
  }
  return undefined;
}

/** The same for what an update may add. */
export function refusedEphemeralReference(spec: PodSpec, account: ServiceAccount): string | undefined {
  const allowed = namesOf(account.secrets);
  return refusedIn(spec.ephemeralContainers, 'ephemeral container', allowed, account.metadata.name ?? '');
}

function refusedIn(
  containers: readonly (Container | EphemeralContainer)[] | null | undefined,
  what: string,
  allowed: ReadonlySet<string>,
  owner: string,
): string | undefined {
  const refused = (container: string | undefined, where: string, secret: string): string =>
    `${what} ${container ?? ''} with ${where} referencing secret.secretName="${secret}" is not allowed ` +
    `because service account ${owner} does not reference that secret`;
  for (const { name, env, envFrom } of containers ?? []) {
    for (const variable of env ?? []) {
      const secret = variable.valueFrom?.secretKeyRef?.name;
      if (secret !== undefined && !allowed.has(secret)) return refused(name, `envVar ${variable.name}`, secret);
    }
    for (const { secretRef } of envFrom ?? []) {
      if (secretRef && !allowed.has(secretRef.name ?? '')) return refused(name, 'envFrom', secretRef.name ?? '');
    }
  }
  return undefined;
}
