import type { KubernetesObject } from '../api/contract.ts';
import type { Resource } from './resource.ts';

/** An informer, as far as it tells how much it has seen. */
export interface RevisionSource {
  readonly resource: Pick<Resource, 'group' | 'plural'>;
  readonly resourceVersion: string;
}

/** Resource versions are whole numbers that grow (KEP-5504); undefined for one that is not. */
function numberOf(resourceVersion: string | undefined): bigint | undefined {
  return resourceVersion !== undefined && /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined;
}

/**
 * The newest revisions that a controller wrote, by the key of the owner it wrote them for: until its informers have seen
 * them, what it reads is older than what it did, and it would do it again (upstream's StaleControllerConsistency gates).
 */
export class WrittenRevisions {
  readonly #byKey = new Map<string, Map<RevisionSource, bigint>>();

  /** @param written What the server answered; a Status says nothing. */
  note(key: string, source: RevisionSource, written: KubernetesObject): void {
    const revision = numberOf(written.metadata?.resourceVersion);
    if (revision === undefined) return;
    let sources = this.#byKey.get(key);
    if (sources === undefined) this.#byKey.set(key, (sources = new Map<RevisionSource, bigint>()));
    const known = sources.get(source);
    if (known === undefined || known < revision) sources.set(source, revision);
  }

  /** An informer that does not know all yet that was written for this owner; undefined: each of them does. */
  behind(key: string): RevisionSource | undefined {
    for (const [source, revision] of this.#byKey.get(key) ?? []) {
      const seen = numberOf(source.resourceVersion);
      if (seen === undefined || seen < revision) return source;
    }
    this.#byKey.delete(key);
    return undefined;
  }

  /** The owner is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
