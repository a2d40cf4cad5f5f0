// The examples for programs in README.md and docs/ do what they say, as they are written.
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../support/run.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', 'docs/testing.md'];
const timeoutMs = 60_000;

interface Example {
  readonly name: string;
  readonly code: string;
}

async function readExamples(): Promise<Example[]> {
  const examples: Example[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8');
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)];
    assert.ok(blocks.length > 0, `${page} has no example`);
    for (const [index, [, code = '']] of blocks.entries()) {
      examples.push({ name: `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`, code });
    }
  }
  return examples;
}

let directory: string;
before(async () => {
  directory = await temporaryDirectory();
  // As in the project of somebody who installed the package.
  await mkdir(join(directory, 'node_modules/@types'), { recursive: true });
  await symlink(root, join(directory, 'node_modules/kubets'));
  await symlink(join(root, 'node_modules/@types/node'), join(directory, 'node_modules/@types/node'));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
});
after(() => removeDirectory(directory));

for (const { name, code } of await readExamples()) {
  test(`${name} runs`, async () => {
    await writeFile(join(directory, name), code);
    const args = ['--conditions=kubets-source', name];
    // Not a part of this run of the tests.
    const env = { NODE_TEST_CONTEXT: '' };
    const { code: exitCode, stdout, stderr } = await run(process.execPath, args, { cwd: directory, env, timeoutMs });
    assert.equal(exitCode, 0, stdout + stderr);
  });
}

test('the examples have the types that they need', async () => {
  const examples = await readExamples();
  for (const { name, code } of examples) await writeFile(join(directory, name), code);
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { customConditions: ['kubets-source'] },
    files: examples.map(({ name }) => name),
    include: [],
  };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false'], {
    cwd: directory,
    timeoutMs,
  });
  // The source has a check of its own.
  const errors = stdout.split('\n').filter((line) => examples.some(({ name }) => line.startsWith(name)));
  assert.deepEqual(errors, []);
});
