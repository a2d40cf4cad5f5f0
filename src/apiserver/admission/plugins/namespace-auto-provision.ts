import type { Namespace } from '../../../api/types/core.v1.ts';
import { StatusError } from '../../../machinery/status.ts';
import { createObject } from '../../registry/create.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';

/** Makes the namespace of an object that somebody creates where it is missing. */
export class NamespaceAutoProvision implements AdmissionPlugin {
  readonly name = 'NamespaceAutoProvision';
  readonly #namespaces: Lister<Namespace>;

  constructor(namespaces: Lister<Namespace>) {
    this.#namespaces = namespaces;
  }

  handles(kind: RequestKind): boolean {
    return kind.namespaced && kind.operation === 'CREATE';
  }

  prepare(): Promise<void> | undefined {
    return this.#namespaces.load();
  }

  async admit({ namespace, dryRun, request }: Attributes): Promise<void> {
    // A dry run leaves nothing behind, a namespace neither.
    if (dryRun || this.#namespaces.record('', namespace) !== undefined) return;
    await this.#namespaces.catchUp();
    if (this.#namespaces.record('', namespace) !== undefined) return;
    const { definition, cache } = this.#namespaces;
    const about = { apiPrefix: 'api', apiGroup: '', apiVersion: 'v1', resource: 'namespaces', subresource: '' };
    const info = { ...request.info, ...about, namespace: '', name: '', verb: 'create' };
    try {
      await createObject({ ...request, definition, cache, info }, { metadata: { name: namespace } }, false);
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof StatusError) || error.reason !== 'AlreadyExists') throw error;
    }
    await this.#namespaces.catchUp();
  }
}
