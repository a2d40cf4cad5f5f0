/** What a node may do with its own Node, Lease, CSINode and ResourceSlices, and with claims. */
import type { KubernetesObject } from '../../../../api/contract.ts';
import type { Node, PersistentVolumeClaim } from '../../../../api/types/core.v1.ts';
import type { ResourceSlice } from '../../../../api/types/resource.v1.ts';
import { deepEqual } from '../../../../machinery/deep-equal.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Attributes } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import { forbiddenLabels } from './node-labels.ts';

export function checkNode(attributes: Attributes, self: string): void {
  const { operation, name, object, oldObject } = attributes;
  if (name !== self) {
    throw refusal(attributes, `node ${quote(self)} is not allowed to modify node ${quote(name)}`);
  }
  if (operation === 'CREATE') checkNewNode(attributes, self, object as Node);
  else if (operation === 'UPDATE') checkChangedNode(attributes, self, object as Node, oldObject as Node);
}

function checkNewNode(attributes: Attributes, self: string, { metadata, spec }: Node): void {
  if (spec?.configSource !== undefined) {
    throw refusal(attributes, `node ${quote(self)} is not allowed to create pods with a non-nil configSource`);
  }
  const forbidden = forbiddenLabels(metadata.labels);
  if (forbidden.length === 0) return;
  const labels = forbidden.join(', ');
  throw refusal(attributes, `node ${quote(self)} is not allowed to set the following labels: ${labels}`);
}

function checkChangedNode(attributes: Attributes, self: string, node: Node, old: Node): void {
  const notAllowed = `node ${quote(self)} is not allowed to`;
  const source = node.spec?.configSource;
  if (source !== undefined && !deepEqual(source, old.spec?.configSource)) {
    throw refusal(attributes, `${notAllowed} update configSource to a new non-nil configSource`);
  }
  if (!deepEqual(node.spec?.taints ?? [], old.spec?.taints ?? [])) {
    throw refusal(attributes, `${notAllowed} modify taints`);
  }
  const forbidden = forbiddenLabels(node.metadata.labels, old.metadata.labels);
  if (forbidden.length > 0) {
    throw refusal(attributes, `is not allowed to modify labels: ${forbidden.join(', ')}`);
  }
  // An owner that goes would take the node with it, and what the node guards.
  if (!deepEqual(node.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    throw refusal(attributes, `${notAllowed} modify ownerReferences`);
  }
}

export function checkLease(attributes: Attributes, self: string): void {
  if (attributes.namespace !== 'kube-node-lease') {
    throw refusal(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  }
  if (attributes.name === self) return;
  throw refusal(attributes, 'can only access node lease with the same name as the requesting node');
}

export function checkCSINode(attributes: Attributes, self: string): void {
  if (attributes.name === self) return;
  throw refusal(attributes, 'can only access CSINode with the same name as the requesting node');
}

export function checkResourceSlice(attributes: Attributes, self: string): void {
  const { operation, object, oldObject } = attributes;
  const nodeOf = (slice: KubernetesObject | undefined): string | undefined => (slice as ResourceSlice).spec.nodeName;
  if (operation === 'CREATE' && nodeOf(object) !== self) {
    throw refusal(attributes, 'can only create ResourceSlice with the same NodeName as the requesting node');
  }
  if (operation === 'UPDATE' && nodeOf(object) !== nodeOf(oldObject)) {
    throw refusal(attributes, 'cannot change spec.nodeName of a ResourceSlice');
  }
  if (operation !== 'CREATE' && nodeOf(oldObject) !== self) {
    throw refusal(
      attributes,
      `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`,
    );
  }
}

export function checkClaimStatus(attributes: Attributes, self: string): void {
  if (attributes.subresource !== 'status') throw refusal(attributes, 'may only update PVC status');
  const { object, oldObject } = attributes;
  const [now, before] = [object, oldObject].map((one) => withoutProgress(one as PersistentVolumeClaim));
  if (deepEqual(now, before)) return;
  throw refusal(
    attributes,
    `node ${quote(self)} is not allowed to update fields other than status.capacity and status.conditions`,
  );
}

/** A claim without what a node is to report of its volume. */
function withoutProgress(claim: PersistentVolumeClaim): object {
  const { resourceVersion: _r, managedFields: _m, ...metadata } = claim.metadata;
  const {
    capacity: _c,
    conditions: _d,
    allocatedResources: _a,
    allocatedResourceStatuses: _s,
    ...status
  } = claim.status ?? {};
  const { kind: _k, apiVersion: _v, ...rest } = claim as PersistentVolumeClaim & KubernetesObject;
  return { ...rest, metadata, status };
}
