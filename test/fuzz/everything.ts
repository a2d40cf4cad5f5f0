import type { ResourceDefinition } from '../../src/api/contract.ts';
import { sampleObject } from '../integration/objects.ts';
import type { WireConnection } from '../support/wire.ts';

/** Makes an object of every kind, where it is missing: most requests are about one that is there. */
export async function createSamples(
  connection: WireConnection,
  definitions: readonly ResourceDefinition[],
): Promise<void> {
  const requests = definitions.flatMap((definition) => {
    const object = sampleObject(definition, 'a', 'default');
    if (object === undefined) return [];
    const body = Buffer.from(JSON.stringify(object));
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const namespace = definition.namespaced ? 'namespaces/default/' : '';
    return [connection.send({ method: 'POST', path: pathOf(definition, namespace), headers, body })];
  });
  await Promise.all(requests);
}

function pathOf({ group, version, plural }: ResourceDefinition, namespace = ''): string {
  return `${group === '' ? '/api' : `/apis/${group}`}/${version}/${namespace}${plural}`;
}

const forms = ['', ';as=Table;v=v1;g=meta.k8s.io', ';as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'];

/** All that is stored: the items of every list by its path. Throws when one cannot be read, in any form. */
export async function readEverything(
  connection: WireConnection,
  definitions: readonly ResourceDefinition[],
): Promise<Record<string, unknown>> {
  const everything: Record<string, unknown> = {};
  for (const definition of definitions.filter(({ verbs }) => verbs.includes('list'))) {
    const path = pathOf(definition);
    for (const form of forms) {
      const { status, body } = await connection.send({
        method: 'GET',
        path: `${path}?includeObject=Object`,
        headers: { accept: `application/json${form}` },
      });
      if (status !== 200) throw new Error(`GET ${path}${form}: ${status}: ${body.toString('utf8')}`);
      const list = JSON.parse(body.toString('utf8')) as { items?: unknown };
      if (form === '') everything[path] = list.items;
    }
  }
  return everything;
}
