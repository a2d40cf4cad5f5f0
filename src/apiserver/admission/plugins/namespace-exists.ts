import type { Namespace } from '../../../api/types/core.v1.ts';
import { notFound } from '../../../machinery/status.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';

/** Refuses requests for namespaces that are not there. NamespaceLifecycle does so, too, but for deletions. */
export class NamespaceExists implements AdmissionPlugin {
  readonly name = 'NamespaceExists';
  readonly #namespaces: Lister<Namespace>;

  constructor(namespaces: Lister<Namespace>) {
    this.#namespaces = namespaces;
  }

  handles(kind: RequestKind): boolean {
    return kind.namespaced && kind.operation !== 'CONNECT';
  }

  prepare(): Promise<void> | undefined {
    return this.#namespaces.load();
  }

  async validate({ namespace }: Attributes): Promise<void> {
    if (this.#namespaces.record('', namespace) !== undefined) return;
    await this.#namespaces.catchUp();
    if (this.#namespaces.record('', namespace) !== undefined) return;
    throw notFound({ group: '', resource: 'namespaces' }, namespace);
  }
}
