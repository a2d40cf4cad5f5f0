/** Writers of ConfigMaps that know, whenever their server dies, what must be stored and what may be. */
import { isDeepStrictEqual } from 'node:util';
import type { RestClient } from '../../src/client/rest.ts';
import type { Random } from '../../src/machinery/random.ts';
import { StatusError } from '../../src/machinery/status.ts';

export interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly uid: string };
  /** Both halves of a write say the same. */
  readonly data?: { readonly first: string; readonly second: string; readonly padding: string };
}

/** A write that the server acknowledged. */
export interface Acknowledged {
  readonly revision: number;
  readonly name: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
}

export const path = '/api/v1/namespaces/default/configmaps';
export const objectsPerWriter = 5;
const maxPaddingLength = 6000;

/** What one object is known to be. Only one writer writes it. */
interface Slot {
  readonly name: string;
  /** As last acknowledged; undefined: not there. */
  stored: ConfigMap | undefined;
  /** What it becomes if the write on its way counts: a value, or undefined for a deletion. */
  pending: { readonly value: string | undefined } | undefined;
}

/** Writes one object after the other, each in every way there is, until its server is gone. */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  readonly #slots: readonly Slot[];
  readonly #random: Random;
  #writes = 0;

  constructor(id: number, random: Random) {
    this.#random = random;
    this.#slots = Array.from({ length: objectsPerWriter }, (_, i) => ({
      name: `writer-${id}-${i}`,
      stored: undefined,
      pending: undefined,
    }));
  }

  get names(): readonly string[] {
    return this.#slots.map(({ name }) => name);
  }

  /** Resolves when a request fails because there is no server any more. Rejects when one is refused. */
  async run(client: RestClient): Promise<void> {
    for (;;) {
      const slot = this.#slots[this.#random.int(this.#slots.length)];
      if (slot === undefined) throw new Error('a writer without objects');
      try {
        await this.#write(client, slot);
      } catch (error) {
        if (error instanceof StatusError) throw error;
        return;
      }
    }
  }

  async #write(client: RestClient, slot: Slot): Promise<void> {
    const { name, stored } = slot;
    const value = `${name} ${++this.#writes}`;
    const padding = 'x'.repeat(this.#random.int(maxPaddingLength));
    const data = { first: value, second: value, padding };
    if (stored !== undefined && this.#random.int(5) === 0) {
      slot.pending = { value: undefined };
      await client.request('DELETE', `${path}/${name}`);
      // The version of a deletion is not told; the watch shows it.
      slot.stored = undefined;
      slot.pending = undefined;
      return;
    }
    slot.pending = { value };
    // Items of a list, which is what is compared later, do not say what they are.
    const { metadata, data: written } = await this.#put(client, name, stored, data);
    slot.stored = { metadata, ...(written === undefined ? {} : { data: written }) };
    slot.pending = undefined;
    this.acknowledged.push({
      revision: Number(metadata.resourceVersion),
      name,
      type: stored === undefined ? 'ADDED' : 'MODIFIED',
    });
  }

  #put(client: RestClient, name: string, stored: ConfigMap | undefined, data: object): Promise<ConfigMap> {
    if (stored === undefined) return client.request('POST', path, { body: { metadata: { name }, data } });
    if (this.#random.int(2) === 0) {
      return client.request('PUT', `${path}/${name}`, { body: { ...stored, data } });
    }
    const contentType = 'application/merge-patch+json';
    return client.request('PATCH', `${path}/${name}`, { contentType, body: { data } });
  }

  /** Compares what is stored with what must be, and takes it for known. Throws with what is wrong. */
  check(actual: ReadonlyMap<string, ConfigMap>): void {
    for (const slot of this.#slots) {
      const { name, stored, pending } = slot;
      const found = actual.get(name);
      const isAsAcknowledged = isDeepStrictEqual(found, stored);
      const isAsPending = pending !== undefined && found?.data?.first === pending.value;
      if (!isAsAcknowledged && !isAsPending) {
        throw new Error(
          `${name} is ${JSON.stringify(found)?.slice(0, 300)}, acknowledged was ` +
            `${JSON.stringify(stored)?.slice(0, 300)}, on its way ${JSON.stringify(pending)}`,
        );
      }
      if (found !== undefined && found.data?.first !== found.data?.second) throw new Error(`half of ${name} is stored`);
      slot.stored = found;
      slot.pending = undefined;
    }
    this.acknowledged.length = 0;
  }
}
