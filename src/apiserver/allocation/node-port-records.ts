/**
 * A record of each node port that is given out. It is written and removed together with its Service, in one transaction
 * that fails where another Service has the port: servers that share a store cannot give one out twice. Upstream keeps
 * one bitmap of all ports for this (`/registry/ranges/servicenodeports`), for which all writers of Services contend.
 */
import type { Compare, KeyValue, RequestOp, Store } from '../../store/contract.ts';
import { prefixEnd } from '../../store/contract.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Holdings } from './holdings.ts';

const prefix = '/registry/ranges/servicenodeports/';

function keyOf(port: number): string {
  return `${prefix}${port}`;
}

/** That no Service has the port. */
export function isUnusedPort(port: number): Compare {
  return { key: keyOf(port), target: 'create', result: 'equal', operand: 0 };
}

/** @param service Its namespace and name, for whoever looks for the holder of a port. */
export function putPort(port: number, service: string): RequestOp {
  return { type: 'put', put: { key: keyOf(port), value: Buffer.from(service) } };
}

export function removePort(port: number): RequestOp {
  return { type: 'deleteRange', deleteRange: { key: keyOf(port) } };
}

/** By port. */
export type PortRecords = ReadonlyMap<number, KeyValue>;

export async function readPortRecords(store: Store): Promise<PortRecords> {
  const { kvs } = await store.range({ key: prefix, rangeEnd: prefixEnd(prefix) });
  return new Map(kvs.map((record) => [Number(record.key.slice(prefix.length)), record]));
}

/**
 * Makes the records what the Services say, as after another program wrote Services. Each step holds only for the state
 * that it was decided on, so whatever is written meanwhile is safe.
 * @param records As they were at a revision that `services` has reached since.
 */
export async function repairPorts(
  store: Store,
  records: PortRecords,
  services: ResourceCache,
  holdings: Holdings,
): Promise<void> {
  for (const [key, { ports }] of holdings.entries()) {
    for (const port of ports) {
      const service = services.get(key);
      if (service === undefined || records.has(port)) continue;
      await store.txn({
        compare: [isUnusedPort(port), { key, target: 'mod', result: 'equal', operand: service.revision }],
        success: [putPort(port, `${service.namespace}/${service.name}`)],
      });
    }
  }
  for (const [port, { key, modRevision }] of records) {
    if (holdings.hasPort(port)) continue;
    await store.txn({
      compare: [{ key, target: 'mod', result: 'equal', operand: modRevision }],
      success: [removePort(port)],
    });
  }
}
