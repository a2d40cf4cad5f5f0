import { request as httpsRequest } from 'node:https';
import type { TypeMeta } from '../api/schema/protobuf/envelope.ts';
import type { ComponentStatus } from '../api/types/core.v1.ts';
import { methodNotAllowed, notFound } from '../machinery/status.ts';
import type { HealthCheck } from '../machinery/health-checks.ts';
import type { VirtualRequest, VirtualResource } from './handler.ts';
import { negotiate } from './http/negotiation.ts';
import { offerOf } from './registry/protobuf.ts';
import { sendTyped } from './registry/respond.ts';
import { parseIncludeObject, tableOf } from './registry/table.ts';

/** Where the other components of a control plane serve their health: upstream's ports, on this machine. */
const probes = [
  { name: 'controller-manager', url: 'https://127.0.0.1:10257/healthz' },
  { name: 'scheduler', url: 'https://127.0.0.1:10259/healthz' },
] as const;

const probeTimeoutMs = 1000;
const resource = { group: '', resource: 'componentstatuses' } as const;

/** Resolves to what the component says; rejects when it cannot be asked. */
function probe(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // It is asked whether it is there, not trusted with anything: its own certificate is good enough, as upstream has it.
    const asked = httpsRequest(url, { rejectUnauthorized: false, timeout: probeTimeoutMs }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        const body = Buffer.concat(pieces).toString('utf8');
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`HTTP ${response.statusCode}: ${body}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${probeTimeoutMs} ms`)));
    asked.on('error', (error) => reject(new Error(`Get ${JSON.stringify(url)}: ${error.message}`)));
    asked.end();
  });
}

async function statusOf(name: string, check: () => Promise<string>): Promise<ComponentStatus & TypeMeta> {
  const head = { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name } } as const;
  try {
    const message = await check();
    return { ...head, conditions: [{ type: 'Healthy', status: 'True', message }] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...head, conditions: [{ type: 'Healthy', status: 'False', message }] };
  }
}

/** `componentstatuses`: asks each component now (deprecated since v1.19, and still served). */
export function componentStatuses(storeCheck: HealthCheck): VirtualResource {
  return async (request: VirtualRequest) => {
    const { exchange, info, definition } = request;
    if (info.verb !== 'list' && info.verb !== 'get') throw methodNotAllowed();
    const all = await Promise.all([
      ...probes.map(({ name, url }) => statusOf(name, () => probe(url))),
      statusOf('etcd-0', async () => {
        await storeCheck();
        return 'ok';
      }),
    ]);
    const items = info.name === '' ? all : all.filter(({ metadata }) => metadata?.name === info.name);
    const [first] = items;
    if (first === undefined) throw notFound(resource, info.name);
    const { as, asVersion, mediaType } = negotiate(exchange.header('accept'), offerOf(definition));
    const answer =
      as === 'Table'
        ? tableOf(
            definition,
            items,
            { resourceVersion: '' },
            {
              apiVersion: `meta.k8s.io/${asVersion}`,
              nowMs: 0,
              includeObject: parseIncludeObject(exchange.query),
            },
          )
        : info.name === ''
          ? {
              kind: 'ComponentStatusList',
              apiVersion: 'v1',
              metadata: {},
              items: items.map(({ metadata, conditions }) => ({ metadata, conditions })),
            }
          : first;
    await sendTyped(exchange, 200, answer, mediaType);
  };
}
