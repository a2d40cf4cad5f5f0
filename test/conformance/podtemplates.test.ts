// PodTemplates; and lists in pages, which upstream tests with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodTemplate } from '../../src/api/types/core.v1.ts';
import { notFound, startCluster, type Resource } from './cluster.ts';

const cluster = startCluster();

async function templatesOf(): Promise<Resource<PodTemplate>> {
  return cluster.resource('v1', 'podtemplates', await cluster.newNamespace());
}

function template(name: string, labels: Record<string, string> = {}): PodTemplate {
  return { metadata: { name, labels }, template: { spec: { containers: [{ name: 'nginx', image: 'nginx' }] } } };
}

test('[sig-node] PodTemplates should run the lifecycle of PodTemplates', async () => {
  const templates = await templatesOf();
  const everywhere = cluster.resource<PodTemplate>('v1', 'podtemplates');
  const labelSelector = 'podtemplate-static=true';
  assert.deepEqual(await everywhere.names({ labelSelector }), []);
  await templates.create(template('nginx', { 'podtemplate-static': 'true' }));
  await templates.patch('nginx', { metadata: { labels: { podtemplate: 'patched' } } }, { type: 'strategic-merge' });
  assert.equal((await templates.get('nginx')).metadata.labels?.['podtemplate'], 'patched');
  assert.deepEqual(await everywhere.names({ labelSelector }), ['nginx']);
  await templates.delete('nginx');
  await assert.rejects(templates.get('nginx'), notFound);
});

test('[sig-node] PodTemplates should replace a pod template', async () => {
  const templates = await templatesOf();
  const created = await templates.create(template('t'));
  await templates.update({ ...created, metadata: { ...created.metadata, annotations: { updated: 'true' } } });
  assert.deepEqual((await templates.get('t')).metadata.annotations, { updated: 'true' });
});

test('[sig-node] PodTemplates should delete a collection of pod templates', async () => {
  const templates = await templatesOf();
  const labelSelector = 'podtemplate-set=true';
  for (const name of ['one', 'two', 'three']) await templates.create(template(name, { 'podtemplate-set': 'true' }));
  await templates.create(template('other'));
  assert.equal((await templates.names({ labelSelector })).length, 3);
  await templates.deleteCollection({ labelSelector });
  assert.deepEqual(await templates.names(), ['other']);
});

const total = 40;

async function manyTemplates(): Promise<Resource<PodTemplate>> {
  const templates = await templatesOf();
  const names = Array.from({ length: total }, (_, i) => `template-${String(i).padStart(4, '0')}`);
  await Promise.all(names.map((name) => templates.create(template(name))));
  return templates;
}

test('[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls', async () => {
  const templates = await manyTemplates();
  const seen: string[] = [];
  const versions = new Set<string>();
  let next: string | undefined;
  const limit = 7;
  do {
    const page = await templates.list({ limit, ...(next === undefined ? {} : { continue: next }) });
    assert.ok(page.items.length <= limit);
    seen.push(...page.items.map(({ metadata }) => metadata.name));
    versions.add(page.metadata.resourceVersion);
    next = page.metadata.continue;
    assert.equal(page.metadata.remainingItemCount, next === undefined ? undefined : total - seen.length);
    // Changes between the pages do not show.
    if (seen.length === limit) await templates.create(template('template-0000-new'));
  } while (next !== undefined);
  assert.equal(versions.size, 1);
  assert.deepEqual(
    seen,
    Array.from({ length: total }, (_, i) => `template-${String(i).padStart(4, '0')}`),
  );
  const whole = await templates.list({ limit: 0 });
  assert.equal(whole.items.length, total + 1);
  assert.equal(whole.metadata.continue, undefined);
});
