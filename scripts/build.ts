// `npm run build`: one bundle in dist/, from which commands start several times faster than from source, and what the
// package exports to programs, with its types. Code of a command is loaded when it is called; native modules stay in
// node_modules. Afterwards every command that matters for
// start-up has run once, so that V8's compiled code is in dist/.cache for the first user, too.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { descriptionsFile, extractFromModels } from '../src/api/schema/descriptions.ts';

const root = resolve(import.meta.dirname, '..');
const output = join(root, 'dist');
const entry = join(output, 'kubets.js');
/** How long the server may take to be ready in the warm-up: far longer than it takes. */
const warmUpTimeoutMs = 30_000;

/** Packages with native code: they stay in node_modules. */
const nativePackages: readonly string[] = ['lmdb'];

/** V8 reads a long JSON text several times faster than the same data as code. */
const jsonAsText: Plugin = {
  name: 'json-as-text',
  setup({ onLoad }) {
    onLoad({ filter: /\.json$/ }, ({ path }) => {
      const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8')));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});`, loader: 'js' };
    });
  },
};

/**
 * Node's own modules and native packages, taken as they are. Imported as ES modules they would be copied name by name
 * into a facade, which loads what nobody uses (`node:http` alone its fetch and WebSocket client), before anything runs.
 */
const directRequires: Plugin = {
  name: 'direct-requires',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ path, kind }) => {
      if (kind !== 'import-statement' && kind !== 'dynamic-import') return undefined;
      if (isBuiltin(path)) return { path, namespace: 'builtin' };
      return nativePackages.includes(path) ? { path, namespace: 'native' } : undefined;
    });
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    onLoad({ filter: /^/, namespace: 'native' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // A release is unpacked from an archive: there is no repository.
    return '';
  }
}

async function bundle(): Promise<void> {
  const epochSeconds = process.env['SOURCE_DATE_EPOCH'];
  const date = epochSeconds === undefined ? new Date() : new Date(Number(epochSeconds) * 1000);
  await build({
    entryPoints: { kubets: join(root, 'src/main.ts'), index: join(root, 'src/index.ts') },
    outdir: output,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    external: [...nativePackages],
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [jsonAsText, directRequires],
    define: {
      kubetsBuild: JSON.stringify({
        date: `${date.toISOString().slice(0, 19)}Z`,
        commit: git('rev-parse', 'HEAD'),
        isClean: git('status', '--porcelain') === '',
      }),
    },
    // Packages in CommonJS call this for Node's own modules.
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
  });
}

async function bakeDescriptions(): Promise<void> {
  const descriptions = await extractFromModels();
  if (descriptions === undefined) throw new Error('the descriptions of the API are missing: run npm ci');
  await writeFile(join(output, descriptionsFile), JSON.stringify(Object.fromEntries(descriptions)));
}

/** The types of what the package exports. That they hold is checked by `npm run check`. */
async function emitTypes(): Promise<void> {
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--project', join(root, 'tsconfig.types.json')]);
}

/** Starts and stops a cluster through what the package exports. Rejects unless both go well. */
async function tryExports(): Promise<void> {
  const program = `
    import { Cluster } from ${JSON.stringify(join(output, 'index.js'))};
    await (await Cluster.start({ nodes: 1 })).stop();
  `;
  const args = ['--input-type=module', '--eval', program];
  await promisify(execFile)(process.execPath, args, { timeout: warmUpTimeoutMs });
}

/** Runs the API server from the bundle until it is ready, and ends it. Rejects unless both go well. */
async function warmUp(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kubets-build-'));
  try {
    for (let run = 0; run < 2; run++) await startAndEnd(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function startAndEnd(directory: string): Promise<void> {
  const args = [entry, 'kube-apiserver', '--data-dir', directory, '--bind-address=127.0.0.1', '--secure-port=0'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: warmUpTimeoutMs });
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let isReady = false;
  server.stdout.once('data', () => {
    isReady = true;
    server.kill('SIGTERM');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('close', (code) => {
      if (isReady && code === 0) resolve();
      else reject(new Error(`the bundled API server does not start and end as it should:\n${errors}`));
    });
  });
}

await rm(output, { recursive: true, force: true });
await mkdir(output);
await Promise.all([bundle(), bakeDescriptions(), emitTypes()]);
await warmUp();
await tryExports();
