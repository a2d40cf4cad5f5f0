import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectory } from './make-directory.ts';

test('a directory is made with those above it, and may be there', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'kubets-directory-'));
  t.after(() => rmSync(root, { recursive: true }));
  const path = join(root, 'a', 'b', 'c');
  makeDirectory(path, 0o700);
  makeDirectory(path, 0o700);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(root, 'a')).mode & 0o777, 0o700);
  writeFileSync(join(root, 'file'), '');
  assert.throws(() => makeDirectory(join(root, 'file', 'below'), 0o700), { code: 'ENOTDIR' });
  assert.throws(() => makeDirectory(join(root, 'file'), 0o700), { code: 'EEXIST' });
});

test('where no entries can be made, that is said, and not tried for ever', { skip: !existsSync('/proc/self') }, () => {
  assert.throws(() => makeDirectory('/proc/no/such', 0o700), { code: 'ENOENT' });
});
