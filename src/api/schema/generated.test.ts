import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate, staleFiles } from '../../../scripts/generate-schema.ts';

const root = join(import.meta.dirname, '../../..');

test('the generated tables and types are what the generator makes of the facts (else run `npm run generate`)', () => {
  const files = generate();
  for (const [path, text] of files) {
    assert.equal(readFileSync(join(root, path), 'utf8') === text, true, `${path} is out of date`);
  }
  assert.deepEqual(staleFiles(files), []);
});
