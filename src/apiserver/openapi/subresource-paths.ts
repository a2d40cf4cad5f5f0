import type { GroupVersionKind, KubernetesObject, Subresource, Verb } from '../../api/contract.ts';
import { lookupType, type ObjectSchema } from '../../api/schema/schema.ts';
import {
  article,
  capitalized,
  type Method,
  type Operation,
  operation,
  patchBody,
  type PathItem,
  type SchemaUse,
  uses,
  usesKind,
  usesText,
} from './operation.ts';
import { optionParameters, type Parameter, patchParameters, pathParameter, writeParameters } from './parameters.ts';
import type { ResourceParts } from './resource-parts.ts';
import type { PrintedKind } from './schemas.ts';

const scaleKind: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const methodsOfVerbs: Readonly<Record<string, Method>> = {
  get: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
};

/** The paths of a resource's subresources. */
export function subresourcePaths(parts: ResourceParts): PathItem[] {
  return Object.entries(parts.definition.subresources)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, subresource]) => pathsOf(parts, name, subresource));
}

function pathsOf(parts: ResourceParts, name: string, subresource: Subresource<KubernetesObject>): PathItem[] {
  const { itemParameters, gvk, definition } = parts;
  const path = `${parts.item}/${name}`;
  const item = (operations: Operation[]): PathItem[] => [{ path, parameters: itemParameters, operations }];
  switch (subresource.shape) {
    case 'view': {
      const verbs = subresource.verbs ?? ['get', 'update', 'patch'];
      return item(viewOperations(parts, name, path, verbs, gvk, uses(definition.schema)));
    }
    case 'scale':
      return item(
        viewOperations(parts, name, path, ['get', 'update', 'patch'], printed(scaleKind), usesBody(scaleKind)),
      );
    case 'action':
      return item([createOperation(parts, name, path, subresource.body)]);
    case 'served':
      return item(servedOperations(parts, name, path, subresource.verbs, subresource.body));
    case 'connect':
      return connectPaths(parts, name, path, subresource.kind, subresource.verbs);
  }
}

function printed({ group, kind, version }: GroupVersionKind): PrintedKind {
  return { group, kind, version };
}

function usesBody({ group, version, kind }: GroupVersionKind): SchemaUse {
  return usesKind(group, version, kind);
}

function viewOperations(
  { kind, noun }: ResourceParts,
  name: string,
  path: string,
  verbs: readonly string[],
  gvk: PrintedKind,
  answer: SchemaUse,
): Operation[] {
  const rest = noun + capitalized(name);
  const operations: Operation[] = [];
  if (verbs.includes('get')) {
    const description = `read ${name} of the specified ${kind}`;
    operations.push(operation('read', rest, path, { method: 'get', description, action: 'get', kind: gvk, answer }));
  }
  if (verbs.includes('update')) {
    operations.push(
      operation('replace', rest, path, {
        method: 'put',
        description: `replace ${name} of the specified ${kind}`,
        action: 'put',
        kind: gvk,
        parameters: writeParameters,
        body: { schema: answer, required: true, mediaTypes: ['*/*'] },
        codes: [200, 201],
        answer,
      }),
    );
  }
  if (verbs.includes('patch')) {
    operations.push(
      operation('patch', rest, path, {
        method: 'patch',
        description: `partially update ${name} of the specified ${kind}`,
        action: 'patch',
        kind: gvk,
        parameters: patchParameters,
        body: patchBody,
        codes: [200, 201],
        answer,
      }),
    );
  }
  return operations;
}

function createOperation({ kind, noun }: ResourceParts, name: string, path: string, body: GroupVersionKind): Operation {
  const answer = usesBody(body);
  return operation('create', noun + capitalized(name), path, {
    method: 'post',
    description: `create ${name} of${article(kind)}${kind}`,
    action: 'post',
    kind: printed(body),
    parameters: writeParameters,
    body: { schema: answer, required: true, mediaTypes: ['*/*'] },
    codes: [200, 201, 202],
    answer,
  });
}

function servedOperations(
  parts: ResourceParts,
  name: string,
  path: string,
  verbs: readonly Verb[],
  body: GroupVersionKind,
): Operation[] {
  const operations = viewOperations(parts, name, path, verbs, printed(body), usesBody(body));
  return verbs.includes('create') ? [...operations, createOperation(parts, name, path, body)] : operations;
}

function connectPaths(
  parts: ResourceParts,
  name: string,
  path: string,
  kind: string,
  verbs: readonly string[],
): PathItem[] {
  const { itemParameters, definition } = parts;
  // A subresource of the resource's own kind is read, not connected to: `log`.
  if (kind === parts.kind) {
    const options = lookupType(definition.group, definition.version, kind + capitalized(name) + 'Options');
    const read = operation('read', parts.noun + capitalized(name), path, {
      method: 'get',
      description: `read ${name} of the specified ${parts.kind}`,
      action: 'get',
      kind: parts.gvk,
      parameters: queryOf(options),
      answer: usesText,
      mediaTypes: ['text/plain', 'application/json', 'application/yaml'],
    });
    return [{ path, parameters: itemParameters, operations: [read] }];
  }
  const options = lookupType(definition.group, definition.version, kind);
  const connect = (at: string, suffix: string): Operation[] =>
    verbs.flatMap((verb) => {
      const method = methodsOfVerbs[verb];
      return method === undefined ? [] : [connectOperation(parts, name, at, suffix, method, kind)];
    });
  const paths: PathItem[] = [
    { path, parameters: [...itemParameters, ...queryOf(options)], operations: connect(path, '') },
  ];
  if (name === 'proxy') {
    const below = `${path}/{path}`;
    // The options' own `path` speaks of the target's path too; the path parameter has that name here.
    const parameters = [...itemParameters, pathParameter, ...queryOf(options)];
    paths.push({ path: below, parameters, operations: connect(below, 'WithPath') });
  }
  return paths;
}

function queryOf(options: ObjectSchema | undefined): readonly Parameter[] {
  return options === undefined ? [] : optionParameters(options);
}

function connectOperation(
  { noun, kind, definition }: ResourceParts,
  name: string,
  path: string,
  suffix: string,
  method: Method,
  optionsKind: string,
): Operation {
  return operation('connect', capitalized(method) + noun + capitalized(name) + suffix, path, {
    method,
    description: `connect ${method.toUpperCase()} requests to ${name} of ${kind}`,
    action: 'connect',
    kind: { group: definition.group, kind: optionsKind, version: definition.version },
    answer: usesText,
    mediaTypes: ['*/*'],
  });
}
