/** The post-start hook `priority-and-fairness-config-producer`: what every server keeps in the cluster's configuration. */
import type { KubernetesObject } from '../../api/contract.ts';
import type { ObjectMeta } from '../../api/types/meta.v1.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { InternalResponse } from '../http/internal.ts';
import {
  autoUpdateAnnotation,
  bootstrapFlowSchemas,
  bootstrapPriorityLevels,
  catchAllName,
  exemptName,
  flowControlGroup,
} from './bootstrap-objects.ts';

const fieldManager = 'api-priority-and-fairness-config-producer-v1';
const mandatoryNames: ReadonlySet<string> = new Set([exemptName, catchAllName]);

type Configuration = Pick<KubernetesObject, 'apiVersion' | 'kind'> & {
  readonly metadata: ObjectMeta;
  readonly spec: object;
};

export interface BootstrapOptions {
  request(method: string, target: string, body?: object): Promise<InternalResponse>;
  /** All objects that there are. */
  read(plural: 'flowschemas' | 'prioritylevelconfigurations'): Iterable<Configuration>;
}

/**
 * Creates what is missing, and gives objects the spec that they should have: mandatory ones always, suggested ones unless
 * somebody took them over (`apf.kubernetes.io/autoupdate-spec: "false"`, or, without the annotation, a change of theirs).
 * Objects that an older version kept, and this one does not know, go. Rejects with an Error when something cannot be written.
 */
export async function maintainConfiguration(options: BootstrapOptions): Promise<void> {
  // All at once, so that they share their way to the disk: nobody judges a schema before the server has started.
  await Promise.all([
    maintain(options, 'prioritylevelconfigurations', bootstrapPriorityLevels),
    maintain(options, 'flowschemas', bootstrapFlowSchemas),
  ]);
}

async function maintain(
  { request, read }: BootstrapOptions,
  plural: Parameters<BootstrapOptions['read']>[0],
  wanted: readonly Configuration[],
): Promise<void> {
  const collection = `/apis/${flowControlGroup}/v1/${plural}`;
  const existing = new Map<string, Configuration>();
  for (const object of read(plural)) existing.set(object.metadata.name ?? '', object);
  const send = async (method: string, name: string, body?: object): Promise<void> => {
    const path = method === 'POST' ? collection : `${collection}/${encodeURIComponent(name)}`;
    const answer = await request(method, `${path}?fieldManager=${fieldManager}`, body);
    // Another server may be doing the same; who was faster was as right.
    if (answer.status < 300 || answer.status === 409 || answer.status === 404) return;
    throw new Error(`${method} ${path}: ${answer.body.toString('utf8')}`);
  };
  const names = new Set(wanted.map(({ metadata }) => metadata.name ?? ''));
  await Promise.all([
    ...wanted.map(async (object) => {
      const name = object.metadata.name ?? '';
      const found = existing.get(name);
      if (found === undefined) return send('POST', name, object);
      const changed = maintained(found, object);
      if (changed !== undefined) await send('PUT', name, changed);
    }),
    ...[...existing.values()]
      .filter(
        ({ metadata }) => !names.has(metadata.name ?? '') && metadata.annotations?.[autoUpdateAnnotation] === 'true',
      )
      .map(({ metadata }) => send('DELETE', metadata.name ?? '', preconditionsOf(metadata))),
  ]);
}

/** Only what was seen is deleted. */
function preconditionsOf({ uid, resourceVersion }: ObjectMeta): object {
  return { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
}

/** The object as it should be; undefined when it is so. */
export function maintained(found: Configuration, wanted: Configuration): Configuration | undefined {
  const name = found.metadata.name ?? '';
  const isMandatory = mandatoryNames.has(name);
  const annotation = found.metadata.annotations?.[autoUpdateAnnotation];
  const isKept = isMandatory || (annotation === undefined ? found.metadata.generation === 1 : annotation === 'true');
  // Of the level exempt, shares and what it lends are the operator's.
  const wantedSpec =
    name === exemptName && 'exempt' in found.spec ? { ...wanted.spec, exempt: found.spec.exempt } : wanted.spec;
  const spec = isKept ? wantedSpec : found.spec;
  const value = String(isKept);
  const isAnnotated = isMandatory ? annotation === 'true' : annotation === 'true' || annotation === 'false';
  if (semanticDeepEqual(spec, found.spec) && isAnnotated) return undefined;
  const annotations = { ...found.metadata.annotations, [autoUpdateAnnotation]: value };
  return { ...found, metadata: { ...found.metadata, annotations }, spec };
}
