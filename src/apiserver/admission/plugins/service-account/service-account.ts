import type { Pod, PodSpec, ServiceAccount as ServiceAccountObject } from '../../../../api/types/core.v1.ts';
import type { Clock } from '../../../../machinery/clock.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Random } from '../../../../machinery/random.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { refusal } from '../../refusals.ts';
import { appearance } from '../appearance.ts';
import { isOf, isOfPods, mirrorPodAnnotation } from '../pod-requests.ts';
import { secretNamesOf } from '../pod-references.ts';
import { enforcesMountableSecrets, refusedEphemeralReference, refusedReference } from './mountable-secrets.ts';
import { mountToken } from './token-volume.ts';

const defaultName = 'default';
/** A controller makes the default account of a new namespace: a Pod that comes with the namespace waits so long. */
const defaultAccountWaitMs = 1500;

export interface ServiceAccountOptions {
  readonly accounts: Lister<ServiceAccountObject>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Runs every Pod as a service account that there is, and lets it prove that it is one. */
export class ServiceAccount implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly #options: ServiceAccountOptions;

  constructor(options: ServiceAccountOptions) {
    this.#options = options;
  }

  handles(kind: RequestKind): boolean {
    const addsContainers = kind.operation === 'UPDATE' && kind.subresource === 'ephemeralcontainers';
    return isOfPods(kind, 'CREATE') || (isOf(kind, '', 'pods') && addsContainers);
  }

  prepare(): Promise<void> | undefined {
    return this.#options.accounts.load();
  }

  async admit(attributes: Attributes): Promise<void> {
    const pod = attributes.object as Pod;
    const { spec } = pod;
    if (attributes.operation !== 'CREATE' || !spec) return;
    if (isMirror(pod)) {
      checkMirror(attributes, spec);
      return;
    }
    spec.serviceAccountName ||= defaultName;
    // The field's old name goes with it.
    spec.serviceAccount = spec.serviceAccountName;
    const account = this.#find(attributes, spec) ?? (await this.#wait(attributes, spec));
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
      mountToken(spec, this.#options.random);
    }
    if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      spec.imagePullSecrets = structuredClone(account.imagePullSecrets ?? []);
    }
  }

  validate(attributes: Attributes): void {
    const pod = attributes.object as Pod;
    const { spec } = pod;
    if (!spec) return;
    if (attributes.operation === 'UPDATE') {
      this.#checkEphemeral(attributes, spec);
      return;
    }
    if (isMirror(pod)) {
      checkMirror(attributes, spec);
      return;
    }
    if (!spec.serviceAccountName) {
      const name = pod.metadata.name ?? '';
      throw refusal(attributes, `no service account specified for pod ${attributes.namespace}/${name}`);
    }
    const account = this.#find(attributes, spec);
    if (account === undefined) throw missing(attributes, spec);
    const refused = enforcesMountableSecrets(account) ? refusedReference(spec, account) : undefined;
    if (refused !== undefined) throw refusal(attributes, refused);
  }

  #checkEphemeral(attributes: Attributes, spec: PodSpec): void {
    // A mirror Pod has none.
    if (!spec.serviceAccountName) return;
    const account = this.#find(attributes, spec);
    if (account === undefined) throw missing(attributes, spec);
    const refused = enforcesMountableSecrets(account) ? refusedEphemeralReference(spec, account) : undefined;
    if (refused !== undefined) throw refusal(attributes, refused);
  }

  #find({ namespace }: Attributes, { serviceAccountName = '' }: PodSpec): ServiceAccountObject | undefined {
    return this.#options.accounts.get(namespace, serviceAccountName);
  }

  async #wait(attributes: Attributes, spec: PodSpec): Promise<ServiceAccountObject> {
    const { accounts, clock } = this.#options;
    await accounts.catchUp();
    if (spec.serviceAccountName === defaultName) {
      await appearance(accounts, attributes.namespace, defaultName, clock, defaultAccountWaitMs);
    }
    const account = this.#find(attributes, spec);
    if (account === undefined) throw missing(attributes, spec);
    return account;
  }
}

function missing(attributes: Attributes, { serviceAccountName = '' }: PodSpec): Error {
  const account = `${attributes.namespace}/${serviceAccountName}`;
  const reason = `serviceaccount ${quote(serviceAccountName)} not found`;
  return refusal(attributes, `error looking up service account ${account}: ${reason}`);
}

function isMirror({ metadata }: Pod): boolean {
  return metadata?.annotations?.[mirrorPodAnnotation] !== undefined;
}

/** A static Pod is made by a node, which must not get at what only the API server can hand out. */
function checkMirror(attributes: Attributes, spec: PodSpec): void {
  if (spec.serviceAccountName) throw refusal(attributes, 'a mirror pod may not reference service accounts');
  if (secretNamesOf(spec).size > 0) throw refusal(attributes, 'a mirror pod may not reference secrets');
  const projections = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (projections.some((source) => source.serviceAccountToken)) {
    throw refusal(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
}
