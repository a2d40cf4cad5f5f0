import type { ResourceDefinition, Verb } from '../../api/contract.ts';
import { lookupType } from '../../api/schema/schema.ts';
import type { JsonMap } from './json.ts';
import {
  article,
  type Operation,
  operation,
  type PathItem,
  objectMediaTypes,
  patchBody,
  type SchemaUse,
  streamMediaType,
  uses,
  usesKind,
  usesType,
} from './operation.ts';
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  type Parameter,
  patchParameters,
  pretty,
  writeParameters,
} from './parameters.ts';
import type { ResourceParts } from './resource-parts.ts';
import { subresourcePaths } from './subresource-paths.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const watchAdvice = "deprecated: use the 'watch' parameter with a list operation instead";

/** Where a group and version is served: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** Every path of a resource and of its subresources, as upstream's installer lays them out. */
export function resourcePaths(definition: ResourceDefinition): PathItem[] {
  const { group, version, kind, plural, namespaced } = definition;
  const root = `/${groupVersionPath(group, version)}`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const placeParameters = namespaced ? [namespaceParameter, pretty] : [pretty];
  const parts: ResourceParts = {
    definition,
    kind,
    noun: namespaced ? `Namespaced${kind}` : kind,
    gvk: { group, kind, version },
    collection,
    item: `${collection}/{name}`,
    itemParameters: [nameParameter(kind), ...placeParameters],
  };
  const paths: PathItem[] = [
    { path: collection, parameters: placeParameters, operations: collectionOperations(parts) },
    { path: parts.item, parameters: parts.itemParameters, operations: itemOperations(parts) },
    ...subresourcePaths(parts),
    ...watchPaths(parts, root, placeParameters),
  ];
  if (namespaced && has(definition, 'list')) {
    const path = `${root}/${plural}`;
    paths.push({ path, parameters: [pretty], operations: [list(parts, path, `${kind}ForAllNamespaces`)] });
  }
  return paths.filter(({ operations }) => operations.length > 0);
}

function has({ verbs }: ResourceDefinition, verb: Verb): boolean {
  return verbs.includes(verb);
}

/** The list kind: of the schema table, or for a custom resource made here. */
function usesList({ schema, group, version, listKind }: ResourceDefinition): SchemaUse {
  const known = lookupType(group, version, listKind);
  if (known !== undefined) return uses(known);
  const name = schema.name.slice(0, schema.name.lastIndexOf('.') + 1) + listKind;
  return (set) =>
    set.referTo(name, (): JsonMap => ({
      description: `${listKind} is a list of ${schema.goName}`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: set.refer(schema) },
        kind: { type: 'string' },
        metadata: usesType(`${metaPackage}.ListMeta`)(set),
      },
    }));
}

function list({ definition, kind, gvk }: ResourceParts, path: string, rest: string): Operation {
  const watchable = has(definition, 'watch');
  return operation('list', rest, path, {
    method: 'get',
    description: `list ${watchable ? 'or watch ' : ''}objects of kind ${kind}`,
    action: 'list',
    kind: gvk,
    parameters: listParameters,
    answer: usesList(definition),
    mediaTypes: watchable ? [...objectMediaTypes, streamMediaType] : objectMediaTypes,
  });
}

function collectionOperations(parts: ResourceParts): Operation[] {
  const { definition, kind, noun, gvk, collection } = parts;
  const answer = uses(definition.schema);
  const operations: Operation[] = [];
  if (has(definition, 'list')) operations.push(list(parts, collection, noun));
  if (has(definition, 'create')) {
    operations.push(
      operation('create', noun, collection, {
        method: 'post',
        description: `create${article(kind)}${kind}`,
        action: 'post',
        kind: gvk,
        parameters: writeParameters,
        body: { schema: answer, required: true, mediaTypes: ['*/*'] },
        codes: [200, 201, 202],
        answer,
      }),
    );
  }
  if (has(definition, 'deletecollection')) {
    operations.push(
      operation('delete', `Collection${noun}`, collection, {
        method: 'delete',
        description: `delete collection of ${kind}`,
        action: 'deletecollection',
        kind: gvk,
        parameters: deleteCollectionParameters,
        body: { schema: usesType(`${metaPackage}.DeleteOptions`), required: false, mediaTypes: ['*/*'] },
        answer: usesKind('', 'v1', 'Status'),
      }),
    );
  }
  return operations;
}

function itemOperations({ definition, kind, noun, gvk, item }: ResourceParts): Operation[] {
  const answer = uses(definition.schema);
  const operations: Operation[] = [];
  if (has(definition, 'get')) {
    const description = `read the specified ${kind}`;
    operations.push(operation('read', noun, item, { method: 'get', description, action: 'get', kind: gvk, answer }));
  }
  if (has(definition, 'update')) {
    operations.push(
      operation('replace', noun, item, {
        method: 'put',
        description: `replace the specified ${kind}`,
        action: 'put',
        kind: gvk,
        parameters: writeParameters,
        body: { schema: answer, required: true, mediaTypes: ['*/*'] },
        codes: [200, 201],
        answer,
      }),
    );
  }
  if (has(definition, 'patch')) {
    operations.push(
      operation('patch', noun, item, {
        method: 'patch',
        description: `partially update the specified ${kind}`,
        action: 'patch',
        kind: gvk,
        parameters: patchParameters,
        body: patchBody,
        codes: [200, 201],
        answer,
      }),
    );
  }
  if (has(definition, 'delete')) {
    operations.push(
      operation('delete', noun, item, {
        method: 'delete',
        description: `delete${article(kind)}${kind}`,
        action: 'delete',
        kind: gvk,
        parameters: deleteParameters,
        body: { schema: usesType(`${metaPackage}.DeleteOptions`), required: false, mediaTypes: ['*/*'] },
        codes: [200, 202],
        answer: usesKind('', 'v1', 'Status'),
      }),
    );
  }
  return operations;
}

/** The older paths of watches, before `watch=true`. */
function watchPaths(parts: ResourceParts, root: string, placeParameters: readonly Parameter[]): PathItem[] {
  const { definition, kind, noun, gvk, collection, item, itemParameters } = parts;
  if (!has(definition, 'watch')) return [];
  const under = (path: string): string => `${root}/watch${path.slice(root.length)}`;
  const watch = (rest: string, path: string, action: string, description: string): Operation[] => [
    operation('watch', rest, path, {
      method: 'get',
      description,
      action,
      kind: gvk,
      parameters: listParameters,
      answer: usesType(`${metaPackage}.WatchEvent`),
      mediaTypes: [...objectMediaTypes, streamMediaType],
    }),
  ];
  const manySentence = `watch individual changes to a list of ${kind}. ${watchAdvice}.`;
  const oneSentence =
    `watch changes to an object of kind ${kind}. ${watchAdvice}, filtered to a single item with the ` +
    `'fieldSelector' parameter.`;
  const many = under(collection);
  const one = under(item);
  const paths: PathItem[] = [
    { path: many, parameters: placeParameters, operations: watch(`${noun}List`, many, 'watchlist', manySentence) },
    { path: one, parameters: itemParameters, operations: watch(noun, one, 'watch', oneSentence) },
  ];
  if (definition.namespaced) {
    const all = `${root}/watch/${definition.plural}`;
    const operations = watch(`${kind}ListForAllNamespaces`, all, 'watchlist', manySentence);
    paths.push({ path: all, parameters: [pretty], operations });
  }
  return paths;
}
