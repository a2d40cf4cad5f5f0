import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Pod } from '../../../api/types/core.v1.ts';
import type { Store } from '../../../store/contract.ts';
import { openMemoryStore } from '../../../store/memory/index.ts';
import type { AdmissionPlugin } from '../contract.ts';
import { TestRegistry } from '../test-registry.ts';
import { AlwaysPullImages } from './always-pull-images.ts';

let store: Store;
before(async () => {
  store = await openMemoryStore();
});
after(() => store.close());

test('what takes the policy back later does not get through', async () => {
  const spoils: AdmissionPlugin = {
    name: 'spoils',
    handles: () => true,
    admit: ({ object }) => {
      for (const container of (object as Pod).spec?.containers ?? []) container.imagePullPolicy = 'Never';
    },
  };
  const world = new TestRegistry(store, () => [new AlwaysPullImages(), spoils]);
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'registry.example/c:1' }] } };
  await assert.rejects(world.create('', 'pods', 'ns', pod), {
    code: 403,
    message:
      'pods "p" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"',
  });
  world.stop();
});
