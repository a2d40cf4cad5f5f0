/** Servers under measurement, each in a process of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..');
/** A server that is not ready by then will not be. */
const readyTimeoutMs = 60_000;

/** How to run the API server: from the bundle of `npm run build`, as users do, or from source. */
export type Form = 'bundle' | 'source';

export interface ServerProcess {
  readonly pid: number;
  readonly url: URL;
  /** From starting the process to its line, as seen from outside. */
  readonly readyMs: number;
  /** What the line itself says. */
  readonly ownReadyMs: number;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts Node with a script; resolves when it prints `ready in N ms on URL`. Rejects when it ends before that. */
export async function startProcess(args: readonly string[]): Promise<ServerProcess> {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString('utf8')).slice(-4000)));
  const ready = new Promise<ServerProcess>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), readyTimeoutMs);
    createInterface(child.stdout).on('line', (line) => {
      const [, ownMs, url] = /^ready in (\d+) ms on (\S+)$/.exec(line) ?? [];
      if (url === undefined || child.pid === undefined) return;
      clearTimeout(timer);
      resolve({
        pid: child.pid,
        url: new URL(url),
        readyMs: performance.now() - startMs,
        ownReadyMs: Number(ownMs),
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      });
    });
    void ended.then(() => {
      clearTimeout(timer);
      reject(new Error(`${args.join(' ')} ended before it was ready:\n${errors}`));
    });
  });
  return ready;
}

/** @param nodeFlags For profiles: `--cpu-prof` and the like. */
export function startApiServer(
  form: Form,
  dataDirectory: string,
  nodeFlags: readonly string[] = [],
): Promise<ServerProcess & { readonly kubeconfig: string }> {
  const kubeconfig = join(dataDirectory, 'kubeconfig');
  return startProcess([
    ...nodeFlags,
    programOf(form),
    'kubets',
    'apiserver',
    `--data-dir=${dataDirectory}`,
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    `--write-kubeconfig=${kubeconfig}`,
    // Nobody makes the accounts that Pods would run as.
    '--disable-admission-plugins=ServiceAccount',
  ]).then((server) => ({ ...server, kubeconfig }));
}

/** `kubets up` with simulated nodes. */
export function startCluster(form: Form, kubeconfig: string, nodes: number): Promise<ServerProcess> {
  const flags = ['--runtime=simulated', `--nodes=${nodes}`, '--secure-port=0', `--kubeconfig=${kubeconfig}`];
  return startProcess([programOf(form), 'kubets', 'up', ...flags]);
}

function programOf(form: Form): string {
  return form === 'bundle' ? join(root, 'dist', 'kubets.js') : join(root, 'src', 'main.ts');
}

/** The bare server with the API server's certificates, so that both do the same TLS. */
export function startBare(pkiDirectory: string, dataDirectory: string, http: string): Promise<ServerProcess> {
  const script = join(import.meta.dirname, 'bare.ts');
  return startProcess([script, '--pki', pkiDirectory, '--data-dir', dataDirectory, '--http', http]);
}

/** Makes the bundle when there is none, or one that is older than the source. */
export function ensureBundle(): void {
  const bundle = join(root, 'dist', 'kubets.js');
  if (existsSync(bundle)) {
    const builtMs = statSync(bundle).mtimeMs;
    const source = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
    const isOlder = (file: { parentPath: string; name: string }): boolean =>
      statSync(join(file.parentPath, file.name)).mtimeMs <= builtMs;
    if (source.every((entry) => !entry.isFile() || isOlder(entry))) return;
  }
  execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'inherit' });
}
