import type { Random } from '../../machinery/random.ts';
import type { Store } from '../../store/contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Holdings } from './holdings.ts';
import {
  ipAddressObject,
  isUnusedAddress,
  manager,
  managerLabel,
  putAddress,
  removeAddress,
} from './ip-address-objects.ts';

export interface RepairOptions {
  readonly store: Store;
  readonly services: ResourceCache;
  readonly addresses: ResourceCache;
  readonly holdings: Holdings;
  readonly nowMs: number;
  readonly random: Random;
}

/**
 * Makes the IPAddress objects what the Services say: writes those that are missing, as when the Services are older than
 * the objects or somebody deleted one, and removes ours that belong to no Service any longer. Each step holds only for
 * the state that it was decided on, so whatever is written meanwhile is safe.
 */
export async function repairAddresses(options: RepairOptions): Promise<void> {
  await writeMissing(options);
  await removeOrphans(options);
}

async function writeMissing({ store, services, addresses, holdings, ...made }: RepairOptions): Promise<void> {
  for (const [key, { addresses: held }] of holdings.entries()) {
    for (const address of held) {
      const service = services.get(key);
      if (service === undefined || addresses.get(addresses.prefix + address) !== undefined) continue;
      const { name, namespace, revision } = service;
      const object = ipAddressObject(address, { metadata: { name, namespace } }, made);
      await store.txn({
        compare: [isUnusedAddress(address), { key, target: 'mod', result: 'equal', operand: revision }],
        success: [putAddress(addresses, object)],
      });
    }
  }
}

async function removeOrphans({ store, addresses, holdings }: RepairOptions): Promise<void> {
  const orphans: CachedObject[] = [];
  const { from, to } = addresses.rangeOf('');
  addresses.scan(from, to, (object) => {
    if (object.labels?.[managerLabel] === manager && !holdings.hasAddress(object.name)) orphans.push(object);
    return true;
  });
  for (const { key, name, revision } of orphans) {
    await store.txn({
      compare: [{ key, target: 'mod', result: 'equal', operand: revision }],
      success: [removeAddress(name)],
    });
  }
}
