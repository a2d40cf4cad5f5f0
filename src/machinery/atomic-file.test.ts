import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { publishFiles, replaceFile } from './atomic-file.ts';
import type { FileToPublish } from './atomic-file.ts';

describe('files', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubets-files-'));
  });
  after(() => rm(directory, { recursive: true }));
  const file = (name: string, content: string, how: FileToPublish['how'] = 'create'): FileToPublish => ({
    path: join(directory, name),
    content,
    mode: 0o640,
    how,
  });
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

  test('appear with their content and mode, and leave nothing beside them', async () => {
    assert.equal(await publishFiles([file('a', 'one'), file('b', 'two', 'replace')]), true);
    assert.deepEqual([await read('a'), await read('b')], ['one', 'two']);
    assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o640);
    assert.deepEqual((await readdir(directory)).sort(), ['a', 'b']);
  });

  test('are replaced whole', async () => {
    await replaceFile(join(directory, 'a'), 'three', 0o600);
    assert.equal(await read('a'), 'three');
    assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o600);
  });

  test('that exist are not created again, and those after them not touched', async () => {
    assert.equal(await publishFiles([file('c', 'c'), file('a', 'again'), file('b', 'again', 'replace')]), false);
    assert.deepEqual([await read('a'), await read('b'), await read('c')], ['three', 'two', 'c']);
    assert.deepEqual((await readdir(directory)).sort(), ['a', 'b', 'c']);
  });

  test('that several create at once are created by one', async () => {
    const contents = Array.from({ length: 8 }, (_, index) => String(index));
    const outcomes = await Promise.all(contents.map((content) => publishFiles([file('raced', content)])));
    assert.equal(outcomes.filter(Boolean).length, 1);
    assert.equal(await read('raced'), contents[outcomes.indexOf(true)]);
  });

  test('that cannot be written reject, and nothing is published', async () => {
    await writeFile(join(directory, 'plain'), '');
    const files = [file('first', '1'), { ...file('x', 'x'), path: join(directory, 'plain', 'x') }];
    await assert.rejects(publishFiles(files), /ENOTDIR/);
    assert.ok(!(await readdir(directory)).some((name) => name === 'first' || name.endsWith('.tmp')));
  });
});
