/**
 * Admission: what may still change or refuse a write when its user may make it
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/). Plugins run in upstream's order, in
 * two phases: all that change an object before it is validated, and then all that judge what it became.
 */
import type { GroupVersionKind, KubernetesObject, UserInfo } from '../../api/contract.ts';
import type { ResourceRequest } from '../registry/request.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A sort of request: plugins are asked once for each whether it concerns them. */
export interface RequestKind {
  readonly operation: Operation;
  /** Of the resource. */
  readonly group: string;
  readonly version: string;
  /** The plural. */
  readonly resource: string;
  /** '' for the resource itself. */
  readonly subresource: string;
  readonly namespaced: boolean;
}

/** One request as plugins see it (upstream's `admission.Attributes`). */
export interface Attributes {
  readonly requestKind: RequestKind;
  readonly operation: Operation;
  readonly subresource: string;
  /** What `object` is: of another kind than the resource for some subresources (Binding, Eviction, Scale). */
  readonly kind: GroupVersionKind;
  /** '' while a name is yet to be generated. */
  readonly name: string;
  /** '' for what is in no namespace; a Namespace is in itself. */
  readonly namespace: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** CreateOptions, UpdateOptions or DeleteOptions. */
  readonly options: object | undefined;
  /** What is to be written, its defaults set; changed in place by `admit`. Undefined for deletions. */
  readonly object: KubernetesObject | undefined;
  /** What is stored; not to be changed. Undefined for creations. */
  readonly oldObject: KubernetesObject | undefined;
  /** What all this is about, for the few that write something themselves. */
  readonly request: ResourceRequest;
  addWarning(text: string): void;
  /** For the audit event of the request; the key is whole, its domain included. */
  addAuditAnnotation(key: string, value: string): void;
}

/** One admission plugin. Both phases throw (or reject with) a StatusError to refuse the request. */
export interface AdmissionPlugin {
  /** Upstream's name: the one in flags, metrics and the configuration file. */
  readonly name: string;
  /** Whether it has anything to do with such requests. Must give the same answer each time. */
  handles(kind: RequestKind): boolean;
  /** Makes ready what `admit` and `validate` read; undefined when that is ready. */
  prepare?(kind: RequestKind): Promise<void> | undefined;
  /** May change `attributes.object`. */
  admit?(attributes: Attributes): void | Promise<void>;
  validate?(attributes: Attributes): void | Promise<void>;
}
