// docs/resources.md is what the definitions say now.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtinCatalog } from '../../src/api/catalog.ts';
import { resourcesPage } from '../../scripts/resources/page.ts';

test('the page of resources is current: npm run docs', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/resources.md'), 'utf8');
  assert.equal(page, resourcesPage());
});

test('every resource has a row', () => {
  const rows = resourcesPage().match(/^\| `[a-z]+` \|/gm) ?? [];
  const resources = new Set(builtinCatalog().definitions.map(({ plural, group }) => `${plural}.${group}`));
  assert.equal(rows.length, resources.size);
});
