/** docs/resources.md: every resource of the catalog, what is served of it, and what is not there yet. */
import { builtinCatalog } from '../../src/api/catalog.ts';
import { allVerbs, type ResourceDefinition } from '../../src/api/contract.ts';
import { resourceBetaDefinitions } from '../../src/api/resource/beta-versions.ts';
import { subresourceFacts } from '../../src/apiserver/discovery/subresources.ts';
import { gaps } from './gaps.ts';

const head = `# Resources

What the API server serves: the stable version of every group, as Kubernetes v1.36 does by default; \`--runtime-config\`
adds \`resource.k8s.io/v1beta1\` and \`v1beta2\`. This page is made from the definitions by \`npm run docs\`.

Versions in brackets are served when \`--runtime-config\` asks for them.

Of every resource: defaults, validation, strategy (what a create and an update reset), field selectors, printer columns,
server-side apply, strategic merge, JSON and merge patches, dry run, field validation, warnings, tables (without
descriptions of their columns), metadata alone, pages, watches, and protobuf unless said otherwise. What is *not there yet* of a resource stands beside it; no word there means
that nothing is known to be missing.

*Verbs*: \`all\` is create, delete, deletecollection, get, list, patch, update and watch. *Stored in*: the version in which
objects are kept, where several are served; Events are the same objects in both of their groups.
`;

function code(text: string): string {
  return `\`${text}\``;
}

function verbsOf({ verbs }: ResourceDefinition): string {
  return allVerbs.every((verb) => verbs.includes(verb)) ? 'all' : [...verbs].sort().join(', ');
}

function subresourcesOf(definition: ResourceDefinition): string {
  return subresourceFacts(definition)
    .map(({ name, verbs }) => `${code(name)} (${verbs.join(', ')})`)
    .join('; ');
}

function keyOf({ plural, group }: ResourceDefinition): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** What the definition says of itself, then what is known besides. */
function missingOf(definition: ResourceDefinition): string {
  const sentences: string[] = [];
  const { notImplemented } = definition;
  if (notImplemented !== undefined) {
    sentences.push(`Creating one is refused: ${notImplemented}.`);
  }
  const streams = Object.entries(definition.subresources).filter(([, { shape }]) => shape === 'connect');
  if (streams.length > 0) {
    const names = streams.map(([name]) => code(name)).sort();
    sentences.push(`${names.join(', ')}: not implemented yet.`);
  }
  const gap = gaps[keyOf(definition)];
  if (gap !== undefined) sentences.push(gap);
  return sentences.join(' ');
}

function versionsOf(versions: readonly [ResourceDefinition, ...ResourceDefinition[]]): string {
  const served = versions.map(({ version }) => version);
  const onRequest = resourceBetaDefinitions.filter((other) => keyOf(other) === keyOf(versions[0]));
  return [...served, ...onRequest.map(({ version }) => `(${version})`)].join(', ');
}

/** Nothing where that goes without saying. */
function storedIn([first, ...others]: readonly [ResourceDefinition, ...ResourceDefinition[]]): string {
  const { storage, group } = first;
  if (storage === undefined || (others.length === 0 && storage.group === group)) return '';
  return storage.group === group
    ? storage.version
    : `${storage.group === '' ? 'core' : storage.group} ${storage.version}`;
}

/** Versions of one resource, the preferred one first. */
function rowOf(versions: readonly [ResourceDefinition, ...ResourceDefinition[]]): string {
  const [first] = versions;
  const cells = [
    code(first.plural),
    first.kind,
    versionsOf(versions),
    storedIn(versions),
    first.shortNames.map(code).join(', '),
    first.namespaced ? 'namespace' : 'cluster',
    verbsOf(first),
    subresourcesOf(first),
    missingOf(first),
  ];
  for (const other of versions) {
    if (verbsOf(other) !== verbsOf(first) || subresourcesOf(other) !== subresourcesOf(first)) {
      throw new Error(`versions of ${keyOf(first)} differ in what is served: the page has one row for both`);
    }
  }
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function sectionOf(group: string, definitions: readonly ResourceDefinition[]): string {
  const byPlural = Map.groupBy(definitions, ({ plural }) => plural);
  const rows = [...byPlural.values()].map(([first, ...rest]) => {
    if (first === undefined) throw new Error(`${group} has a resource without a definition`);
    return rowOf([first, ...rest]);
  });
  return `
## ${group === '' ? 'core (`v1`)' : group}

| resource | kind | versions | stored in | short names | scope | verbs | subresources | not there yet |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The whole page. Throws when a gap is of a resource that is not served. */
export function resourcesPage(): string {
  const { definitions } = builtinCatalog();
  const known = new Set(definitions.map(keyOf));
  const stray = Object.keys(gaps).filter((key) => !known.has(key));
  if (stray.length > 0) throw new Error(`scripts/resources/gaps.ts: not served: ${stray.join(', ')}`);
  const groups = Map.groupBy(definitions, ({ group }) => group);
  return head + [...groups].map(([group, ofGroup]) => sectionOf(group, ofGroup)).join('');
}
