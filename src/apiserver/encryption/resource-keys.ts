import type { ResourceCatalog } from '../../api/contract.ts';
import type { Key } from '../../store/contract.ts';
import type { GroupResource } from './group-resource.ts';

const root = '/registry/';

/** Whose keys are whose. */
export class ResourceKeys {
  readonly #catalog: ResourceCatalog;
  /** By what keys begin with after `/registry/`; of one generation of the catalog. */
  #resources = new Map<string, GroupResource>();
  #generation = -1;

  constructor(catalog: ResourceCatalog) {
    this.#catalog = catalog;
  }

  /** Undefined for what is no object of a resource. */
  resourceOf(key: Key): GroupResource | undefined {
    if (!key.startsWith(root)) return undefined;
    if (this.#generation !== this.#catalog.generation) this.#learn();
    // Prefixes have one part, such as `pods`, or two, such as `services/specs`.
    const first = key.indexOf('/', root.length);
    if (first < 0) return undefined;
    const second = key.indexOf('/', first + 1);
    const two = second < 0 ? undefined : this.#resources.get(key.slice(root.length, second));
    return two ?? this.#resources.get(key.slice(root.length, first));
  }

  #learn(): void {
    const { definitions, generation } = this.#catalog;
    this.#resources = new Map();
    for (const { group, plural, storage } of definitions) {
      if (storage === undefined || storage.convert !== undefined) continue;
      this.#resources.set(storage.prefix, { group, resource: plural });
    }
    this.#generation = generation;
  }
}
