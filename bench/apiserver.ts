// The API server under load, beside the bare server (bench/bare.ts), over HTTP/1.1 and over HTTP/2.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, Report } from './contract.ts';
import { figuresOf } from './load/figures.ts';
import type { Measurement } from './load/measure.ts';
import { residentMegabytes } from './process-figures.ts';
import { ensureBundle, startApiServer, startBare } from './server-process.ts';
import { withTemporaryDirectory } from './temporary-directory.ts';

const quickLoad = ['--n=300', '--watchers=10', '--changes=20', '--slices=2', '--warm-up=10'];

async function runLoad(args: readonly string[]): Promise<Measurement[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const measurements = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Measurement);
  if (measurements.length === 0) throw new Error('the load ended without figures');
  const failed = measurements.find(({ errors }) => errors > 0);
  if (failed !== undefined) {
    throw new Error(`${failed.target}, ${failed.phase}: ${failed.errors} errors, the first: ${failed.firstError}`);
  }
  return measurements;
}

async function loadOver(
  http: '1.1' | '2',
  directory: string,
  report: Report,
  { isQuick }: BenchmarkOptions,
): Promise<void> {
  const bareDirectory = join(directory, 'bare');
  mkdirSync(bareDirectory);
  const server = await startApiServer('bundle', join(directory, 'kubets'));
  try {
    const bare = await startBare(join(directory, 'kubets', 'pki'), bareDirectory, http);
    try {
      const targets = [`kubets=${server.url.href}@${server.pid}`, `bare=${bare.url.href}@${bare.pid}`];
      const measurements = await runLoad([
        `--kubeconfig=${server.kubeconfig}`,
        `--http=${http}`,
        ...targets.map((target) => `--target=${target}`),
        ...(isQuick ? quickLoad : []),
      ]);
      const prefix = `HTTP/${http}`;
      for (const { name, value, unit } of figuresOf(measurements)) report(`${prefix} ${name}`, value, unit);
      const list = measurements.find(({ phase, target }) => phase === 'list all Pods' && target === 'kubets');
      report(`${prefix} size of the list: kubets`, (list?.bytes ?? Number.NaN) / 1e6, 'MB');
      report(`${prefix} memory after it: kubets`, residentMegabytes(server.pid), 'MB');
      report(`${prefix} memory after it: bare`, residentMegabytes(bare.pid), 'MB');
    } finally {
      await bare.stop();
    }
  } finally {
    await server.stop();
  }
}

export const benchmark: Benchmark = {
  name: 'apiserver',
  async run(report, options) {
    ensureBundle();
    for (const http of ['1.1', '2'] as const) {
      await withTemporaryDirectory((directory) => loadOver(http, directory, report, options));
    }
  },
};
