/** What a node may do with Pods: with its own alone, and of new ones with mirrors of static Pods alone. */
import type { Node, Pod, PodSpec } from '../../../../api/types/core.v1.ts';
import { deepEqual } from '../../../../machinery/deep-equal.ts';
import { notFound } from '../../../../machinery/status.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Attributes } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { refusal } from '../../refusals.ts';
import { mirrorPodAnnotation } from '../pod-requests.ts';
import { configMapNamesOf, secretNamesOf } from '../pod-references.ts';

export function checkPod(attributes: Attributes, node: string, nodes: Lister<Node>): void {
  const { operation, object, oldObject } = attributes;
  if (operation === 'CREATE') {
    checkMirrorPod(attributes, node, object as Pod, nodes);
  } else if (operation === 'DELETE') {
    if ((oldObject as Pod).spec?.nodeName === node) return;
    throw refusal(attributes, `node ${quote(node)} can only delete pods with spec.nodeName set to itself`);
  } else {
    const may = `node ${quote(node)} can only create and delete mirror pods`;
    throw refusal(attributes, `unexpected operation ${quote(operation)}, ${may}`);
  }
}

function checkMirrorPod(attributes: Attributes, node: string, pod: Pod, nodes: Lister<Node>): void {
  const { metadata, spec } = pod;
  const refuse = (why: string): Error => refusal(attributes, why);
  const only = `node ${quote(node)} can only create`;
  if (metadata.annotations?.[mirrorPodAnnotation] === undefined) {
    throw refuse(`pod does not have ${quote(mirrorPodAnnotation)} annotation, ${only} mirror pods`);
  }
  if (spec?.nodeName !== node) throw refuse(`${only} pods with spec.nodeName set to itself`);
  const [owner, ...others] = metadata.ownerReferences ?? [];
  if (others.length > 0) throw refuse(`${only} pods with a single owner reference set to itself`);
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    throw refuse(`${only} pods with an owner reference set to itself`);
  }
  if (owner.controller !== true) throw refuse(`${only} pods with a controller owner reference set to itself`);
  if (owner.blockOwnerDeletion === true) {
    throw refuse(`node ${quote(node)} must not set blockOwnerDeletion on an owner reference`);
  }
  const self = nodes.get('', node);
  if (self === undefined) throw notFound({ group: '', resource: 'nodes' }, node);
  const uid = self.metadata.uid ?? '';
  if (owner.uid !== uid) throw refuse(`node ${node} UID mismatch: expected ${owner.uid} got ${uid}`);
  const referenced = firstReference(spec);
  if (referenced !== undefined) throw refuse(`node ${quote(node)} can not create pods that reference ${referenced}`);
}

/** What a Pod of a node's making must not refer to: the node could read it all by naming it. */
function firstReference(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'a service account';
  if (secretNamesOf(spec).size > 0) return 'secrets';
  if (configMapNamesOf(spec).size > 0) return 'configmaps';
  const volumes = spec.volumes ?? [];
  if (volumes.some(({ projected }) => projected?.sources?.some(({ clusterTrustBundle }) => clusterTrustBundle))) {
    return 'clustertrustbundles';
  }
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) return 'persistentvolumeclaims';
  return (spec.resourceClaims ?? []).length > 0 ? 'resourceclaims' : undefined;
}

export function checkPodStatus(attributes: Attributes, node: string): void {
  const { object, oldObject } = attributes;
  const [pod, old] = [object as Pod, oldObject as Pod];
  if (old.spec?.nodeName !== node) {
    throw refusal(
      attributes,
      `node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`,
    );
  }
  if (!deepEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) {
    throw refusal(attributes, `node ${quote(node)} cannot update labels through pod status`);
  }
  if (!deepEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? [])) {
    throw refusal(attributes, `node ${quote(node)} cannot update resource claim statues`);
  }
  if (!deepEqual(pod.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus)) {
    throw refusal(attributes, `node ${quote(node)} cannot update extended resource claim statues`);
  }
}

export function checkPodEviction(attributes: Attributes, node: string, pods: Lister<Pod>): void {
  const pod = podOf(attributes.namespace, attributes.name, pods);
  if (pod.spec?.nodeName === node) return;
  throw refusal(attributes, `node ${node} can only evict pods with spec.nodeName set to itself`);
}

/** Throws 404. */
export function podOf(namespace: string, name: string, pods: Lister<Pod>): Pod {
  const record = pods.record(namespace, name);
  if (record === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  return pods.decode(record);
}
