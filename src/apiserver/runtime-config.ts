import { builtinCatalog, type Catalog } from '../api/catalog.ts';
import type { ResourceDefinition } from '../api/contract.ts';
import { SetupError } from './setup-error.ts';

/** Keys that stand for all versions of a kind of stability. */
const stabilities: Readonly<Record<string, (version: string) => boolean>> = {
  'api/all': () => true,
  'api/ga': (version) => /^v\d+$/.test(version),
  'api/beta': (version) => version.includes('beta'),
  'api/alpha': (version) => version.includes('alpha'),
};

/**
 * What is served when `--runtime-config` says so: `resource.k8s.io/v1beta1=true`, or with a resource after it, or
 * `api/beta=true`. Throws SetupError for what is not known, and for what is served always.
 */
export async function servedCatalog(entries: readonly string[]): Promise<Catalog> {
  const catalog = builtinCatalog();
  if (entries.length === 0) return catalog;
  const { resourceBetaDefinitions } = await import('../api/resource/beta-versions.ts');
  const chosen = new Set<ResourceDefinition>();
  // What is more specific is said last, whatever the order in which it is given.
  const sorted = entries.map(readEntry).sort((a, b) => specificity(a.key) - specificity(b.key));
  for (const { key, isOn } of sorted) {
    const matches = matcherOf(key);
    const optional = resourceBetaDefinitions.filter(matches);
    const always = catalog.definitions.filter(matches);
    if (optional.length + always.length === 0 && stabilities[key] === undefined) {
      throw new SetupError(`--runtime-config: ${key} is not known here`);
    }
    if (!isOn && always.length > 0) {
      throw new SetupError(`--runtime-config: ${key}=false is not implemented: what is stable is served always`);
    }
    for (const definition of optional) {
      if (isOn) chosen.add(definition);
      else chosen.delete(definition);
    }
  }
  catalog.add(...chosen);
  return catalog;
}

interface Entry {
  readonly key: string;
  readonly isOn: boolean;
}

function readEntry(entry: string): Entry {
  const [key = '', value = 'true', ...rest] = entry.split('=');
  if (rest.length > 0 || (value !== 'true' && value !== 'false' && value !== '')) {
    throw new SetupError(`--runtime-config: invalid value ${entry}: must be true or false`);
  }
  return { key, isOn: value !== 'false' };
}

function specificity(key: string): number {
  if (key === 'api/all') return 0;
  return stabilities[key] === undefined ? key.split('/').length + 1 : 1;
}

function matcherOf(key: string): (definition: ResourceDefinition) => boolean {
  const ofStability = stabilities[key];
  if (ofStability !== undefined) return ({ version }) => ofStability(version);
  // The core group has no name: `v1`, or `api/v1`.
  const parts = key.split('/');
  if (parts.length === 1) parts.unshift('');
  const [group = '', wantedVersion, resource] = parts;
  const wantedGroup = group === 'api' ? '' : group;
  return (definition) =>
    definition.group === wantedGroup &&
    definition.version === wantedVersion &&
    (resource === undefined || definition.plural === resource);
}
