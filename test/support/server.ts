/** Runs the API server as its users do: `bin/kubets apiserver` in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClientConfig } from '../../src/client/client-config.ts';
import { HttpsTransport } from '../../src/client/https-transport.ts';
import { resolveKubeconfig } from '../../src/client/kubeconfig-context.ts';
import { loadKubeconfig } from '../../src/client/kubeconfig.ts';
import { RestClient } from '../../src/client/rest.ts';

const program = resolve(import.meta.dirname, '../../bin/kubets');
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
/** Enough of the log to see what went wrong. */
const maxLogLength = 64 * 1024;

export interface ServerOptions {
  /** Flags besides those for the data directory, port and kubeconfig. */
  readonly args?: readonly string[];
  /**
   * Whether Pods run as service accounts, as they do by default. An API server alone makes none: as in envtest, Pods are
   * spared them unless a test is about them.
   */
  readonly serviceAccounts?: boolean;
  /** Default: a new one, removed in the end. */
  readonly directory?: string;
  /** Kills the server while it starts. */
  readonly signal?: AbortSignal;
}

/**
 * Flags of a server that writes nothing by itself once it is ready: for tests that look at revisions, or at objects of
 * every kind. Priority and fairness keeps the status of FlowSchemas.
 */
export const stillServer: readonly string[] = ['--enable-priority-and-fairness=false'];

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Processes and directories that must not outlive this one, however it ends. */
const children = new Set<ChildProcess>();
const directories = new Set<string>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});
// A test that takes too long is ended by a signal, which would otherwise end it without the above.
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}

/** A directory that is gone when this process is. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kubets-test-'));
  directories.add(directory);
  return directory;
}

export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  directories.delete(directory);
}

/** A running API server. */
export class TestServer {
  readonly url: string;
  readonly readyMs: number;
  /** Holds `data/` and `kubeconfig`. */
  readonly directory: string;
  readonly config: ClientConfig;
  readonly #child: ChildProcess;
  readonly #exit: Promise<Exit>;
  readonly #log: () => string;
  readonly #ownsDirectory: boolean;

  private constructor(
    started: Pick<TestServer, 'url' | 'readyMs' | 'directory' | 'config'>,
    child: ChildProcess,
    exit: Promise<Exit>,
    log: () => string,
    ownsDirectory: boolean,
  ) {
    this.url = started.url;
    this.readyMs = started.readyMs;
    this.directory = started.directory;
    this.config = started.config;
    this.#child = child;
    this.#exit = exit;
    this.#log = log;
    this.#ownsDirectory = ownsDirectory;
  }

  /** Resolves when the server says that it is ready; rejects with its log when it ends before, or takes too long. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const { args = [], directory, signal, serviceAccounts = false } = options;
    const home = directory ?? (await temporaryDirectory());
    const kubeconfig = join(home, 'kubeconfig');
    const flags = ['--data-dir', join(home, 'data'), '--secure-port', '0', '--write-kubeconfig', kubeconfig];
    if (!serviceAccounts) flags.push('--disable-admission-plugins=ServiceAccount');
    const child = spawn(program, ['apiserver', ...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let log = '';
    let output = '';
    const exit = once(child, 'close').then(([code, signal]): Exit => {
      children.delete(child);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    const ready = Promise.withResolvers<RegExpExecArray>();
    child.stderr.on('data', (piece: Buffer) => {
      log = (log + piece.toString('utf8')).slice(-maxLogLength);
    });
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString('utf8');
      const line = /^ready in (\d+) ms on (https:\/\/\S+)\n/m.exec(output);
      if (line !== null) ready.resolve(line);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
    const abort = (): unknown => child.kill('SIGKILL');
    signal?.addEventListener('abort', abort, { once: true });
    void exit.then(
      ({ code, signal }) =>
        ready.reject(new Error(`the server ended with ${code ?? signal} before it was ready:\n${log}`)),
      (error: unknown) => ready.reject(error),
    );
    const [, readyMs, url = ''] = await ready.promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
    const config = resolveKubeconfig(await loadKubeconfig({ explicitPath: kubeconfig }));
    return new TestServer(
      { url, readyMs: Number(readyMs), directory: home, config },
      child,
      exit,
      () => log,
      directory === undefined,
    );
  }

  get kubeconfig(): string {
    return join(this.directory, 'kubeconfig');
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the server was not started');
    return pid;
  }

  /** The end of what the server logged. */
  get log(): string {
    return this.#log();
  }

  get exit(): Promise<Exit> {
    return this.#exit;
  }

  client(userAgent = 'kubets-test/1', onWarning?: (text: string) => void): RestClient {
    return new RestClient(new HttpsTransport(this.config), {
      userAgent,
      ...(onWarning === undefined ? {} : { onWarning }),
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it as an operator does, and removes what it leaves. Throws when it does not end well. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), stopTimeoutMs);
    const { code, signal } = await this.#exit.finally(() => clearTimeout(timer));
    if (this.#ownsDirectory) await removeDirectory(this.directory);
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}:\n${this.log}`);
  }

  /** Ends it as a power cut does. The directory stays. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exit;
  }
}
