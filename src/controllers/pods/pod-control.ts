import type { KubernetesObject } from '../../api/contract.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core.v1.ts';
import type { ObjectMeta, OwnerReference, Status } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Resource } from '../../client/resource.ts';
import { pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { isDNS1123Subdomain } from '../../machinery/names.ts';
import { StatusError } from '../../machinery/status.ts';
import { controllerReferenceTo } from '../owner.ts';

/** Whether a write was refused because its namespace is on its way out: there is no point in trying again. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof StatusError) || error.reason !== 'Forbidden') return false;
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

/** The prefix of the names of an owner's Pods: with a dash where that makes a name. */
function namePrefix(ownerName: string): string {
  const prefix = `${ownerName}-`;
  return isDNS1123Subdomain(`${prefix}a`).length === 0 ? prefix : ownerName;
}

/** The Pod that a template describes, with its owner. It has no name yet, but one that is generated. */
export function podFromTemplate(
  { metadata = {}, spec }: PodTemplateSpec,
  owner: KubernetesObject,
  reference: OwnerReference,
): Pod {
  const { labels, annotations, finalizers } = metadata;
  const podMetadata: ObjectMeta = {
    generateName: namePrefix(owner.metadata?.name ?? ''),
    namespace: owner.metadata?.namespace ?? '',
    ownerReferences: [reference],
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: podMetadata, spec: structuredClone(spec ?? { containers: [] }) };
}

/** Creates and deletes Pods for an owner, and tells of it in the owner's events (upstream's RealPodControl). */
export class PodControl<Owner extends KubernetesObject> {
  readonly #recorder: EventRecorder;
  readonly #owners: Resource<Owner>;

  constructor(recorder: EventRecorder, owners: Resource<Owner>) {
    this.#recorder = recorder;
    this.#owners = owners;
  }

  /** @param pod From `podFromTemplate`; default: of the template alone. */
  async createFromTemplate(client: Client, template: PodTemplateSpec, owner: Owner): Promise<Pod> {
    return this.create(client, podFromTemplate(template, owner, controllerReferenceTo(this.#owners, owner)), owner);
  }

  async create(client: Client, pod: Pod, owner: Owner): Promise<Pod> {
    try {
      const created = await client.create(pods, pod);
      const { name = '' } = created.metadata;
      this.#recorder.event(this.#owners, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
      return created;
    } catch (error) {
      // A namespace that is on its way out would fill with events that say nothing new.
      if (!isNamespaceTerminating(error)) {
        const message = error instanceof Error ? error.message : String(error);
        this.#recorder.event(this.#owners, owner, 'Warning', 'FailedCreate', `Error creating: ${message}`);
      }
      throw error;
    }
  }

  /** Resolves to the server's answer. Throws NotFound when it was gone already: its deletion will be seen, or was. */
  async delete(client: Client, pod: Pod, owner: Owner): Promise<Pod | Status> {
    const { namespace, name = '' } = pod.metadata;
    let answer: Pod | Status;
    try {
      answer = await client.delete(pods, namespace, name);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) {
        const message = error instanceof Error ? error.message : String(error);
        this.#recorder.event(this.#owners, owner, 'Warning', 'FailedDelete', `Error deleting: ${message}`);
      }
      throw error;
    }
    this.#recorder.event(this.#owners, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    return answer;
  }
}
