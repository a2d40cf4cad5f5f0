// The table of README.md and the tests of this folder say the same.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const directory = import.meta.dirname;

/** Item → file, '' where there is none yet. */
async function readTable(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(directory, 'README.md'), 'utf8');
  const rows = text.matchAll(/^\| (\[sig-.*?) \|(.*?)\|(.*?)\|$/gm);
  const table = new Map<string, string>();
  for (const [, item = '', file = '', needs = ''] of rows) {
    assert.ok(!table.has(item), `${item} is there twice`);
    assert.ok(file.trim() !== '' || needs.trim() !== '', `${item}: neither a test nor what it needs`);
    table.set(item, file.trim().replaceAll('`', ''));
  }
  return table;
}

/** Item → file, by the names of tests. */
async function readTests(): Promise<ReadonlyMap<string, string>> {
  const tests = new Map<string, string>();
  for (const file of (await readdir(directory)).filter((name) => name.endsWith('.test.ts'))) {
    if (file === 'readme.test.ts') continue;
    const text = await readFile(join(directory, file), 'utf8');
    for (const [, , item = ''] of text.matchAll(/(['"])(\[sig-.*?)\1/g)) {
      assert.ok(!tests.has(item), `${item} has two tests`);
      tests.set(item, file);
    }
  }
  return tests;
}

test('each item that has a test is listed with its file, and no other', async () => {
  const [table, tests] = await Promise.all([readTable(), readTests()]);
  assert.ok(table.size > 300 && tests.size > 80);
  const listed = [...table].filter(([, file]) => file !== '').toSorted();
  assert.deepEqual(listed, [...tests].toSorted());
});
