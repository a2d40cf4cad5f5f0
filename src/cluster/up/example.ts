import { readFile } from 'node:fs/promises';
import type { KubernetesObject } from '../../api/contract.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { discover } from '../../client/discovery.ts';
import { Informer } from '../../client/informer.ts';
import { deployments, pods } from '../../client/resources.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { Random } from '../../machinery/random.ts';

export interface ExampleOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A file of objects in YAML. */
  readonly path: string;
}

/** How long an example may take to run: far longer than it does. */
const timeoutMs = 60_000;

/**
 * Applies the objects of a file and waits until every Deployment of it is available. Resolves to the Pods of their
 * namespaces. Rejects with the server's StatusError, or when it takes too long.
 */
export async function runExample({ client, clock, random, log, path }: ExampleOptions): Promise<readonly Pod[]> {
  const { loadAll } = await import('js-yaml');
  const objects = loadAll(await readFile(path, 'utf8')) as KubernetesObject[];
  const served = await discover(client.rest);
  for (const object of objects) {
    const { apiVersion = '', kind = '', metadata = {} } = object;
    const resource = served.find(
      (one) => one.kind === kind && (one.group === '' ? one.version : `${one.group}/${one.version}`) === apiVersion,
    );
    if (resource === undefined) throw new Error(`${path}: nothing serves ${apiVersion} ${kind}`);
    const options = { fieldManager: 'kubets-up', force: true };
    await client.patch(resource, metadata.namespace, metadata.name ?? '', 'apply', object, options);
  }
  const wanted = new Set(
    objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata?.name ?? ''),
  );
  const informer = new Informer({ client, clock, random, log, resource: deployments });
  const stop = new AbortController();
  const available = Promise.withResolvers<void>();
  const look = (): void => {
    for (const { metadata, spec, status } of informer.lister.values()) {
      if ((status?.availableReplicas ?? 0) >= (spec.replicas ?? 1)) wanted.delete(metadata.name ?? '');
    }
    if (wanted.size === 0) available.resolve();
  };
  informer.addHandlers({ added: look, updated: look });
  const timer = clock.setTimeout(
    () => available.reject(new Error(`${[...wanted].join(', ')}: not available after ${timeoutMs} ms`)),
    timeoutMs,
  );
  const watching = informer.run(stop.signal);
  try {
    await available.promise;
  } finally {
    timer.cancel();
    stop.abort();
    await watching;
  }
  return (await client.list(pods, 'default')).items;
}
