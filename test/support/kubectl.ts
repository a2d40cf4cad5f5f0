/** The real kubectls that the tests run: the machine's own, and the older one that Debian packages. */
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { run, type RunOptions, type RunResult } from './run.ts';

export interface Kubectl {
  readonly path: string;
  /** `v1.32.4` */
  readonly version: string;
  readonly minor: number;
}

const debianPackage = 'kubernetes-client';
const cache = resolve(import.meta.dirname, '../../.cache');

let found: Promise<readonly Kubectl[]> | undefined;

/** Every kubectl that can be had, without installing anything. None: the tests that need one must say so. */
export function findKubectls(): Promise<readonly Kubectl[]> {
  return (found ??= Promise.all([describe(onPath('kubectl')), fetchDebians().then(describe)]).then((kubectls) => {
    const known = kubectls.filter((kubectl) => kubectl !== undefined);
    return known.filter(({ version }, index) => known.findIndex((other) => other.version === version) === index);
  }));
}

function onPath(program: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

async function describe(path: string | undefined): Promise<Kubectl | undefined> {
  if (path === undefined) return undefined;
  const { code, stdout } = await run(path, ['version', '--client', '-o', 'json']);
  if (code !== 0) return undefined;
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string; minor: string } };
  const [version = ''] = /^v\d+\.\d+\.\d+/.exec(clientVersion.gitVersion) ?? [];
  return { path, version, minor: Number.parseInt(clientVersion.minor, 10) };
}

/** Unpacks Debian's package into the cache, where it stays. Undefined where there is no Debian, or no network. */
async function fetchDebians(): Promise<string | undefined> {
  const home = join(cache, debianPackage);
  const program = join(home, 'usr/bin/kubectl');
  if (existsSync(program)) return program;
  if (onPath('apt-get') === undefined || onPath('dpkg-deb') === undefined) return undefined;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const download = (): Promise<RunResult> =>
      run('apt-get', ['download', debianPackage], { cwd: work, timeoutMs: 120_000 });
    if ((await download()).code !== 0) {
      // A fresh machine has no package lists yet.
      await run('apt-get', ['update'], { timeoutMs: 120_000 });
      if ((await download()).code !== 0) return undefined;
    }
    const [archive] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    if (archive === undefined) return undefined;
    const unpacked = join(work, 'unpacked');
    if ((await run('dpkg-deb', ['-x', join(work, archive), unpacked], { timeoutMs: 120_000 })).code !== 0)
      return undefined;
    // Another test may have been faster.
    await rename(unpacked, home).catch(() => {});
    return existsSync(program) ? program : undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A kubectl with a kubeconfig and a home of its own. */
export class KubectlRunner {
  readonly kubectl: Kubectl;
  readonly #kubeconfig: string;
  readonly #home: string;

  constructor(kubectl: Kubectl, kubeconfig: string, home: string) {
    this.kubectl = kubectl;
    this.#kubeconfig = kubeconfig;
    this.#home = home;
  }

  /** Runs it, whatever comes of it. */
  try(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.kubectl.path, args, {
      ...options,
      env: { ...options.env, KUBECONFIG: this.#kubeconfig, HOME: this.#home },
    });
  }

  /**
   * Runs it and returns what it printed. Throws unless it succeeds without a warning.
   * @param okCodes Exit codes that mean success: `diff` has 1 for a difference.
   */
  async run(
    args: readonly string[],
    options: RunOptions & { readonly okCodes?: readonly number[] } = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, options);
    const isOk = code !== undefined && (options.okCodes ?? [0]).includes(code);
    // Deprecations are upstream's own words.
    const warnings = stderr
      .split('\n')
      .filter((line) => /^(?:Warning:|[WE]\d{4} )/.test(line) && !/ is deprecated in v1\./.test(line));
    if (!isOk || warnings.length > 0) {
      throw new Error(`kubectl ${this.kubectl.version} ${args.join(' ')}: exit code ${code}\n${stderr}${stdout}`);
    }
    return stdout;
  }
}
