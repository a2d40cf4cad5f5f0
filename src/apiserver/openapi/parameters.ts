import type { ObjectSchema, TypeSchema } from '../../api/schema/schema.ts';

/** A parameter of an operation, alike for both dialects. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description?: string;
}

function query(name: string, type: Parameter['type'], description: string): Parameter {
  return { name, in: 'query', type, description };
}

const versionsPage = 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions';

export const pretty = query('pretty', 'string', "If 'true', the answer is printed with line breaks and indentation.");

export const namespaceParameter: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
};

export function nameParameter(kind: string): Parameter {
  return { name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` };
}

/** What `proxy/` passes on to its target. */
export const pathParameter: Parameter = {
  name: 'path',
  in: 'path',
  type: 'string',
  description: 'path to the resource',
};

const dryRun = query(
  'dryRun',
  'string',
  "With the value 'All' every stage of the request is gone through, but nothing is stored. Other values are refused.",
);
const fieldManager = query(
  'fieldManager',
  'string',
  'A name for whoever makes these changes: at most 128 printable characters.',
);
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What to do about unknown and duplicate fields in the body. Ignore: drop them, and keep the last of duplicates. ' +
    'Warn (the default): the same, with a Warning header for each. Strict: refuse the request with all of them named.',
);
const force = query(
  'force',
  'boolean',
  'Takes over fields that others manage. Only for apply patches; not allowed with any other.',
);

export const writeParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation];
export const patchParameters: readonly Parameter[] = [...writeParameters, force];

export const deleteParameters: readonly Parameter[] = [
  dryRun,
  query(
    'gracePeriodSeconds',
    'integer',
    'Seconds that the object may take to go; 0 deletes it at once. Without it the default of the kind holds.',
  ),
  query(
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'boolean',
    'Deletes even an object that cannot be read from the store, without finalizers or preconditions being heeded. ' +
      'This can break the cluster.',
  ),
  query(
    'orphanDependents',
    'boolean',
    'Deprecated: use propagationPolicy. Whether objects that depend on this one stay. Not together with it.',
  ),
  query(
    'propagationPolicy',
    'string',
    "What becomes of dependents. 'Orphan': they stay. 'Background': they are deleted afterwards. 'Foreground': they " +
      'are deleted first. Without it the default of the kind holds.',
  ),
];

const selection: readonly Parameter[] = [
  query(
    'continue',
    'string',
    'Goes on with a list where the last answer ended, given the token of that answer and otherwise the same request. ' +
      'A token that history no longer reaches gets 410 and a new token, with which the rest can be read from the latest ' +
      'state. Not with watch.',
  ),
  query('fieldSelector', 'string', 'Selects objects by their fields. Default: all.'),
  query('labelSelector', 'string', 'Selects objects by their labels. Default: all.'),
  query(
    'limit',
    'integer',
    'At most so many objects in one answer. When there are more, the answer has a continue token with which the next ' +
      'are read as they were at the time of the first. Not with watch.',
  ),
  query('resourceVersion', 'string', `Which version of the resource to answer from. See ${versionsPage}`),
  query('resourceVersionMatch', 'string', `How resourceVersion is meant by a list. See ${versionsPage}`),
  query(
    'sendInitialEvents',
    'boolean',
    'With watch: begins with an ADDED event for every object there is, followed by a BOOKMARK with the annotation ' +
      'k8s.io/initial-events-end. Needs resourceVersionMatch.',
  ),
  query('timeoutSeconds', 'integer', 'Ends the list or watch after so many seconds.'),
];

export const listParameters: readonly Parameter[] = [
  query(
    'allowWatchBookmarks',
    'boolean',
    'Allows BOOKMARK events, which say how far the watch has come. No interval is promised. Only with watch.',
  ),
  ...selection,
  query('watch', 'boolean', 'Answers with a stream of changes. Say from which resourceVersion.'),
];

export const deleteCollectionParameters: readonly Parameter[] = [...deleteParameters, ...selection];

/** Fields of an options object that are given in the query (`PodExecOptions`). */
export function optionParameters(options: ObjectSchema): readonly Parameter[] {
  return options.fields
    .filter(({ name }) => name !== 'kind' && name !== 'apiVersion')
    .map(({ name, type }) => ({ name, in: 'query', type: queryType(type) }));
}

function queryType(type: TypeSchema): Parameter['type'] {
  switch (type.kind) {
    case 'bool':
      return 'boolean';
    case 'int32':
    case 'int64':
      return 'integer';
    default:
      return 'string';
  }
}

/** Documents list parameters by name. */
export function sorted(parameters: readonly Parameter[]): readonly Parameter[] {
  return parameters.toSorted((a, b) => (a.name === b.name ? compare(a.in, b.in) : compare(a.name, b.name)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
