// A list in pages that takes longer than the server keeps its history.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodTemplate } from '../../src/api/types/core.v1.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { eventually } from '../support/eventually.ts';
import { startCluster } from './cluster.ts';

const cluster = startCluster(['--etcd-compaction-interval=1s', '--history-revisions=10']);
const total = 40;
const limit = 12;

test('[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent', async () => {
  const templates = cluster.resource<PodTemplate>('v1', 'podtemplates', await cluster.newNamespace());
  const nameOf = (i: number): string => `template-${String(i).padStart(4, '0')}`;
  const template = { spec: { containers: [{ name: 'c', image: 'i' }] } };
  for (let i = 0; i < total; i++) await templates.create({ metadata: { name: nameOf(i) }, template });
  const first = await templates.list({ limit });
  assert.equal(first.items.length, limit);
  assert.equal(first.metadata.remainingItemCount, total - limit);
  const expired = first.metadata.continue ?? '';

  let inconsistent: string | undefined;
  await eventually(
    'the token has expired',
    async () => {
      await templates.patch(nameOf(0), { metadata: { annotations: { at: String(performance.now()) } } });
      try {
        await templates.list({ limit, continue: expired });
        return false;
      } catch (error) {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.code, error.reason], [410, 'Expired']);
        inconsistent = error.continueToken;
        return true;
      }
    },
    60_000,
  );
  assert.ok(inconsistent, 'the refusal names no token to go on with');

  const seen = first.items.map(({ metadata }) => metadata.name);
  let next: string | undefined = inconsistent;
  let version: string | undefined;
  while (next !== undefined) {
    // The list that goes on is of now, and of one version from here on.
    const page = await templates.list({ limit, continue: next });
    assert.ok(page.items.length <= limit);
    seen.push(...page.items.map(({ metadata }) => metadata.name));
    assert.equal(page.metadata.remainingItemCount, seen.length === total ? undefined : total - seen.length);
    version ??= page.metadata.resourceVersion;
    assert.equal(page.metadata.resourceVersion, version);
    next = page.metadata.continue;
  }
  assert.notEqual(version, first.metadata.resourceVersion);
  assert.deepEqual(
    seen,
    Array.from({ length: total }, (_, i) => nameOf(i)),
  );
});
