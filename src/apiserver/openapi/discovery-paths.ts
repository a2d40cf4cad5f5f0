import { operation, objectMediaTypes, type PathItem, type SchemaUse, usesType } from './operation.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

function page(path: string, rest: string, description: string, answer: SchemaUse, json = false): PathItem {
  const mediaTypes = json ? ['application/json'] : objectMediaTypes;
  return {
    path,
    parameters: [],
    operations: [operation('get', rest, path, { method: 'get', description, answer, mediaTypes })],
  };
}

const versionFields = [
  'buildDate',
  'compiler',
  'emulationMajor',
  'emulationMinor',
  'gitCommit',
  'gitTreeState',
  'gitVersion',
  'goVersion',
  'major',
  'minCompatibilityMajor',
  'minCompatibilityMinor',
  'minor',
  'platform',
] as const;
const optionalVersionFields = /^(?:emulation|minCompatibility)/;

const usesVersionInfo: SchemaUse = (set) =>
  set.referTo('io.k8s.apimachinery.pkg.version.Info', () => ({
    description: 'The version of the server and how it was built.',
    type: 'object',
    properties: Object.fromEntries(versionFields.map((name) => [name, { type: 'string' }])),
    required: versionFields.filter((name) => !optionalVersionFields.test(name)),
  }));

/** The page that lists the resources of a group and version. */
export function resourceListPath(root: string): PathItem {
  return page(`/${root}/`, 'APIResources', 'get available resources', usesType(`${metaPackage}.APIResourceList`));
}

/** The documents that describe discovery itself, by their path below `/openapi/v3`. */
export function discoveryPaths(groups: readonly string[]): ReadonlyMap<string, PathItem> {
  const paths = new Map<string, PathItem>();
  paths.set('api', page('/api/', 'APIVersions', 'get available API versions', usesType(`${metaPackage}.APIVersions`)));
  paths.set(
    'apis',
    page('/apis/', 'APIVersions', 'get available API versions', usesType(`${metaPackage}.APIGroupList`)),
  );
  for (const group of groups) {
    const answer = usesType(`${metaPackage}.APIGroup`);
    paths.set(`apis/${group}`, page(`/apis/${group}/`, 'APIGroup', 'get information of a group', answer));
  }
  paths.set(
    'version',
    page('/version/', 'CodeVersion', 'get the version information for this server', usesVersionInfo, true),
  );
  return paths;
}
