import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ObjectEncoder } from '../watch/encoder.ts';
import { StoredFormEncoder } from '../watch/encoder.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import { apiVersionOf } from './request.ts';

/** A stored object in the version of a definition, with its resource version. A new object each time. */
export function objectOf(definition: ResourceDefinition, cache: ResourceCache, cached: CachedObject): KubernetesObject {
  const stored = cache.form.decode(cached.value, cached.revision);
  const convert = definition.storage?.convert;
  return convert === undefined ? stored : convert.from(stored);
}

/** The bytes to store for an object of a definition's version. */
export function bytesOf(
  definition: ResourceDefinition,
  cache: ResourceCache,
  object: KubernetesObject,
): { readonly value: Buffer; readonly stored: KubernetesObject } {
  const stored = definition.storage?.convert?.to(object) ?? object;
  return { value: cache.form.encode(stored), stored };
}

/** Encodes objects that are stored in another version than the one asked for. */
class ConvertingEncoder implements ObjectEncoder {
  readonly key: string;
  readonly #definition: ResourceDefinition;
  readonly #cache: ResourceCache;

  constructor(definition: ResourceDefinition, cache: ResourceCache) {
    this.key = apiVersionOf(definition);
    this.#definition = definition;
    this.#cache = cache;
  }

  encode(object: CachedObject): Buffer {
    return Buffer.from(JSON.stringify(objectOf(this.#definition, this.#cache, object)), 'utf8');
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): unknown {
    return {
      kind: this.#definition.kind,
      apiVersion: this.key,
      metadata: { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) },
    };
  }
}

/** The encoder of whole objects in a definition's version. */
export function encoderFor(definition: ResourceDefinition, cache: ResourceCache): ObjectEncoder {
  return definition.storage?.convert === undefined
    ? new StoredFormEncoder(cache.form)
    : new ConvertingEncoder(definition, cache);
}
