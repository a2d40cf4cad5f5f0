import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servedCatalog } from './runtime-config.ts';

async function resourceVersions(...entries: string[]): Promise<string> {
  const { definitions } = await servedCatalog(entries);
  const ofGroup = definitions.filter(({ group }) => group === 'resource.k8s.io');
  return ofGroup.map(({ version, plural }) => `${version}/${plural}`).join(' ');
}

const kinds = ['deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices'];
const all = (version: string): string => kinds.map((plural) => `${version}/${plural}`).join(' ');

test('stable versions are served, and those that are asked for', async () => {
  const cases: readonly (readonly [entries: string[], served: string])[] = [
    [[], all('v1')],
    [['resource.k8s.io/v1beta1=true'], `${all('v1')} ${all('v1beta1')}`],
    [['resource.k8s.io/v1beta2'], `${all('v1')} ${all('v1beta2')}`],
    [['resource.k8s.io/v1beta2/resourceslices=true'], `${all('v1')} v1beta2/resourceslices`],
    [['resource.k8s.io/v1beta1=false', 'api/beta=true'], `${all('v1')} ${all('v1beta2')}`],
    [['api/all=true'], `${all('v1')} ${all('v1beta2')} ${all('v1beta1')}`],
    [['v1=true', 'api/v1', 'api/alpha=true', 'api/beta=false'], all('v1')],
  ];
  for (const [entries, served] of cases) assert.equal(await resourceVersions(...entries), served, entries.join());
});

test('what is unknown is refused by name, and what is stable cannot go', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['x/v1=true', /--runtime-config: x\/v1 is not known here/],
    ['resource.k8s.io/v1beta1=maybe', /invalid value resource.k8s.io\/v1beta1=maybe: must be true or false/],
    ['apps/v1=false', /apps\/v1=false is not implemented: what is stable is served always/],
    ['api/all=false', /not implemented/],
  ];
  for (const [entry, message] of cases) await assert.rejects(servedCatalog([entry]), message);
});
