import type { Namespace } from '../../../api/types/core.v1.ts';
import { forbidden, notFound, StatusError } from '../../../machinery/status.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;
/** Namespaces that the system cannot do without. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

function isOfNamespaces({ group, resource }: RequestKind): boolean {
  return group === '' && resource === 'namespaces';
}

/** Refuses content in namespaces that are not there or are going, and the end of those that the system needs. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #namespaces: Lister<Namespace>;

  constructor(lister: Lister<Namespace>) {
    this.#namespaces = lister;
  }

  handles(kind: RequestKind): boolean {
    if (isOfNamespaces(kind)) return kind.operation === 'DELETE';
    if (kind.resource === 'localsubjectaccessreviews') return false;
    return kind.namespaced && (kind.operation === 'CREATE' || kind.operation === 'UPDATE');
  }

  prepare(): Promise<void> | undefined {
    return this.#namespaces.load();
  }

  admit(attributes: Attributes): void | Promise<void> {
    const { requestKind, name, namespace } = attributes;
    if (isOfNamespaces(requestKind)) {
      if (immortal.has(name)) throw forbidden(namespaces, name, 'this namespace may not be deleted');
      return;
    }
    if (this.#namespaces.record('', namespace) !== undefined) {
      this.#check(attributes);
      return;
    }
    // Another server of the same cluster may have just made it.
    const seen = this.#namespaces.catchUp();
    if (seen !== undefined) return seen.then(() => this.#check(attributes));
    this.#check(attributes);
  }

  #check(attributes: Attributes): void {
    const { namespace, operation } = attributes;
    const record = this.#namespaces.record('', namespace);
    if (record === undefined) throw notFound(namespaces, namespace);
    // The phase is a selectable field: the object need not be parsed.
    if (operation !== 'CREATE' || record.fields?.['status.phase'] !== 'Terminating') return;
    const { deletionTimestamp } = this.#namespaces.parse(record).metadata ?? {};
    throw terminating(attributes, deletionTimestamp);
  }
}

function terminating(attributes: Attributes, since: string | undefined): StatusError {
  const { namespace } = attributes;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { code, reason, message, details } = refusal(attributes, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated${since === undefined ? '' : ` since ${since}`}`,
    field: 'metadata.namespace',
  };
  return new StatusError(code, reason, message, { details: { ...details, causes: [cause] } });
}
