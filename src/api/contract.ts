/**
 * What a resource is: one declarative definition per kind, which the API server's generic handlers read. A definition
 * knows nothing of HTTP and nothing of the store; a CustomResourceDefinition yields the same structure at run time.
 */
import type { FieldError } from '../machinery/field-error.ts';
import type { StructNode } from './apply/type-node.ts';
import type { ObjectSchema } from './schema/schema.ts';
import type { ObjectMeta } from './types/meta.v1.ts';

/** Any object of the API. Fields beyond these are reached through the kind's own type. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

export interface GroupVersionKind {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Who asks, as far as a definition may need to know (`authentication.k8s.io/v1 UserInfo`). */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a hook may ask of the world. */
export interface StrategyContext {
  /** Now, milliseconds since the epoch, by the server's clock. */
  readonly nowMs: number;
  readonly user: UserInfo;
  /** Sends a `Warning` header with the answer. Absent where nobody reads it. */
  readonly warn?: (text: string) => void;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** Which rule an object's name must meet; the sentences of refusal are those of `machinery/names.ts`. */
export type NameRule = 'dnsSubdomain' | 'dnsLabel' | 'dns1035Label' | 'pathSegment';

/** What one cell of a table may hold. */
export type Cell = string | number | boolean | null;

/** A printer column (`metav1.TableColumnDefinition`) and how its cell is made. */
export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: 'name' | 'int32' | 'int64';
  readonly description?: string;
  /** 0: always shown; 1: only with `-o wide`. */
  readonly priority?: 0 | 1;
  cell(object: T, context: { readonly nowMs: number }): Cell;
}

/** What a row says of its object as a whole (`metav1.TableRowCondition`). */
export interface RowCondition {
  /** The object will not change any more. */
  readonly type: 'Completed';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** `autoscaling/v1 Scale`, as far as it depends on the resource. */
export interface ScaleView {
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** The label selector, printed. */
  readonly selector: string;
}

/** A subresource that shows the whole object and lets some of it change: `status`, `approval`, `finalize`, `resize`. */
export interface ViewSubresource<T> {
  readonly shape: 'view';
  /** Default: get, patch, update. */
  readonly verbs?: readonly ('get' | 'update' | 'patch')[];
  /**
   * The object to store when `submitted` is written through this subresource: `stored`'s parts that may not change are
   * put back into `submitted`. `submitted` may be changed and returned. Metadata that no update may change is handled
   * by the caller.
   */
  merge(submitted: T, stored: T, context: StrategyContext): T;
  validate?(object: T, old: T): FieldError[];
}

/** The `scale` subresource. */
export interface ScaleSubresource<T> {
  readonly shape: 'scale';
  view(object: T): ScaleView;
  setReplicas(object: T, replicas: number): void;
  /** The fields that lead to the number. Default: `spec`, `replicas`. */
  readonly replicasPath?: readonly string[];
}

/** A subresource that takes an object of another kind by POST and acts on the object it belongs to. */
export interface ActionSubresource<T> {
  readonly shape: 'action';
  /** The kind of the body, e.g. `v1 Binding`, `policy/v1 Eviction`. */
  readonly body: GroupVersionKind & {
    /** Older versions of the same fields, which are taken as well. */
    readonly alsoVersions?: readonly string[];
  };
  /**
   * What to do with the stored object. `update`: store this. `delete`: delete it with the body's `deleteOptions`.
   * Throws a StatusError to refuse. The object given may be changed and returned.
   */
  act(object: T, body: KubernetesObject, context: StrategyContext): { readonly update: T } | { readonly delete: true };
}

/** A subresource that streams to or from a node or workload: `log`, `exec`, `attach`, `portforward`, `proxy`. */
export interface ConnectSubresource {
  readonly shape: 'connect';
  /** The kind that discovery names, e.g. `PodExecOptions`. */
  readonly kind: string;
  /** The verbs discovery shows: `get` for GET, `create` for POST … */
  readonly verbs: readonly string[];
}

/** A subresource that the server serves with code of its own: `serviceaccounts/token`. */
export interface ServedSubresource {
  readonly shape: 'served';
  readonly body: GroupVersionKind;
  readonly verbs: readonly Verb[];
}

export type Subresource<T> =
  | ViewSubresource<T>
  | ScaleSubresource<T>
  | ActionSubresource<T>
  | ConnectSubresource
  | ServedSubresource;

/** How one version of a resource is kept in the store. */
export interface StorageForm<T> {
  /** Keys are `/registry/<prefix>/<namespace>/<name>`, upstream's own. Default: the plural. */
  readonly prefix: string;
  /** The group and version that the stored bytes are of. */
  readonly group: string;
  readonly version: string;
  /** Absent where this definition's version is the stored one. Neither may lose anything. */
  readonly convert?: { to(object: T): KubernetesObject; from(stored: KubernetesObject): T };
  /** What selectable fields are called in the stored version, where that differs. */
  readonly fieldNames?: Readonly<Record<string, string>>;
}

export interface ResourceDefinition<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly schema: ObjectSchema;
  /** How fields are owned, where the schema does not say. */
  readonly fieldTypes?: StructNode;
  /** Absent: nothing is stored; the server answers with code of its own (`tokenreviews`, `componentstatuses`). */
  readonly storage: StorageForm<T> | undefined;
  readonly nameRule: NameRule;
  /** Refuses a name beyond what `nameRule` says; returns sentences. */
  readonly validateName?: (name: string, prefix: boolean) => string[];

  /** Fills unset fields, beyond the defaults that the schema table declares (those are applied first). */
  readonly defaults?: (object: T) => void;
  readonly validate?: (object: T, context: StrategyContext) => FieldError[];
  /** Runs instead of `validate` on update, and calls it where upstream does. Absent: `validate`. */
  readonly validateUpdate?: (object: T, old: T, context: StrategyContext) => FieldError[];
  /** Resets what a client may not set on create. */
  readonly prepareForCreate?: (object: T, context: StrategyContext) => void;
  /** Resets what a client may not change on update. */
  readonly prepareForUpdate?: (object: T, old: T, context: StrategyContext) => void;
  /** What is valid and yet suspicious of a new object: sentences for `Warning` headers. */
  readonly warningsOnCreate?: (object: T) => string[];
  /** The same of a changed object. Not asked about writes through subresources. */
  readonly warningsOnUpdate?: (object: T, old: T) => string[];
  /**
   * The object has a `status` that only its status subresource may write: create drops it, update keeps the old one.
   * True by default where the schema has `status` and the definition has the subresource.
   */
  readonly statusIsSeparate: boolean;
  /**
   * Whether `metadata.generation` is kept: 1 on create, one more when this says that the desired state differs.
   * Default: `spec` differs, where the definition keeps status separate; absent: no generation.
   */
  readonly generationChanges?: (object: T, old: T) => boolean;
  /** PUT to a name that does not exist creates it (upstream's AllowCreateOnUpdate). */
  readonly allowCreateOnUpdate: boolean;
  /** PUT without a resourceVersion overwrites (AllowUnconditionalUpdate); otherwise it is refused. */
  readonly allowUnconditionalUpdate: boolean;
  /**
   * Graceful deletion: the seconds to wait before the object goes, given what the request asked for. 0: at once.
   * Absent: the resource is deleted at once, and the option is ignored, as upstream does.
   */
  readonly gracePeriodSeconds?: (object: T, requested: number | undefined) => number;
  /** Keeps deletion waiting though no finalizer is in the metadata (a Namespace's `spec.finalizers`). */
  readonly holdsDeletion?: (object: T) => boolean;
  /** Changes an object as its deletion begins (a Namespace turns Terminating). */
  readonly prepareForDelete?: (object: T) => void;
  /** An immediate deletion answers with the object instead of a Status (upstream's ReturnDeletedObject). */
  readonly returnsDeletedObject?: boolean;
  /** Objects go by themselves after the server's `--event-ttl`. */
  readonly expires?: boolean;
  /** What happens to dependents when the request does not say (upstream's DefaultGarbageCollectionPolicy). */
  readonly defaultPropagation: 'background' | 'orphan';
  /** A `Warning` header for a deletion that leaves that choice to the server. */
  readonly propagationWarning?: string;
  /** Field selectors beyond `metadata.name` and `metadata.namespace`: label → value ('' when unset). */
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>;
  /** Refuses a field selector that the kind does not have. Absent: `field label not supported: …`. */
  readonly unselectableField?: (field: string) => string;
  /** Printer columns. Absent: Name and Created At. */
  readonly columns?: readonly Column<T>[];
  /** Conditions of an object's row. */
  readonly rowConditions?: (object: T) => readonly RowCondition[];
  readonly subresources: Readonly<Record<string, Subresource<T>>>;
  /** Creating is refused with 501 and this sentence: the kind has no function yet. */
  readonly notImplemented?: string;
  /** A `Warning` header for every request of this version, as for deprecated versions. */
  readonly deprecationWarning?: string;
}

/** The definitions that are served now. CustomResourceDefinitions make it change at run time. */
export interface ResourceCatalog {
  /** Grows with every change: what is derived from the catalog is rebuilt when it differs. */
  readonly generation: number;
  readonly definitions: readonly ResourceDefinition[];
  find(group: string, version: string, plural: string): ResourceDefinition | undefined;
}
