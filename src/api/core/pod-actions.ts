/** Subresources of Pods that take an object of another kind and act on the Pod: `binding` and `eviction`. */
import { quote } from '../../machinery/quote.ts';
import { badRequest, conflict, invalid } from '../../machinery/status.ts';
import type { ActionSubresource, KubernetesObject } from '../contract.ts';
import type { Binding, Pod } from '../types/core.v1.ts';
import { setPodCondition } from './pod-strategy.ts';
import { validateBinding } from './validation/bindings.ts';

const pods = { group: '', resource: 'pods' };
const podsBinding = { group: '', resource: 'pods/binding' };

/** Assigns a Pod to a node, once. Annotations and labels of the Binding go to the Pod. */
export const podBinding: ActionSubresource<Pod> = {
  shape: 'action',
  body: { group: '', version: 'v1', kind: 'Binding' },
  act(pod, body, { nowMs }) {
    const binding: Partial<Binding> = body as KubernetesObject & Partial<Binding>;
    const name = pod.metadata?.name ?? '';
    if (binding.metadata?.name !== name) throw badRequest('name in URL does not match name in Binding object');
    const errors = validateBinding(binding);
    if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, name, errors);
    checkPreconditions(binding, pod);
    refuseUnlessAssignable(pod);
    pod.spec = { ...pod.spec, containers: pod.spec?.containers ?? null, nodeName: binding.target?.name ?? '' };
    const { annotations, labels } = binding.metadata;
    if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
    if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
    const status = (pod.status ??= {});
    // The nomination has served its purpose, and would mislead once the Pod has a node.
    delete status.nominatedNodeName;
    setPodCondition(status, { type: 'PodScheduled', status: 'True' }, nowMs);
    return { update: pod };
  },
};

function checkPreconditions(binding: Partial<Binding>, pod: Pod): void {
  const { uid, resourceVersion, name = '' } = binding.metadata ?? {};
  const { uid: podUid = '', resourceVersion: podVersion = '' } = pod.metadata ?? {};
  if (uid && uid !== podUid) {
    throw conflict(pods, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${podUid}`);
  }
  if (resourceVersion && resourceVersion !== podVersion) {
    throw conflict(
      pods,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ` +
        `ResourceVersion in object meta: ${podVersion}`,
    );
  }
}

function refuseUnlessAssignable(pod: Pod): void {
  const name = pod.metadata?.name ?? '';
  const refuse = (why: string): never => {
    throw conflict(podsBinding, name, `pod ${name} ${why}`);
  };
  if (pod.metadata?.deletionTimestamp) refuse('is being deleted, cannot be assigned to a host');
  if (pod.spec?.nodeName) refuse(`is already assigned to node ${quote(pod.spec.nodeName)}`);
  if ((pod.spec?.schedulingGates?.length ?? 0) > 0) refuse('has non-empty .spec.schedulingGates');
}

/**
 * Deletes a Pod with the `deleteOptions` of the body. PodDisruptionBudgets are for the server to ask, which can read
 * them; a Pod that is unassigned, finished or being deleted needs none.
 */
export const podEviction: ActionSubresource<Pod> = {
  shape: 'action',
  // kubectl before v1.22 drains with the older version, whose fields are the same.
  body: { group: 'policy', version: 'v1', kind: 'Eviction', alsoVersions: ['v1beta1'] },
  act(pod, body) {
    if (body.metadata?.name !== pod.metadata?.name) {
      throw badRequest('name in URL does not match name in Eviction object');
    }
    return { delete: true };
  },
};
