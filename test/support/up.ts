/** Runs a whole cluster as its users do, in a process of its own: `kubets up --runtime simulated`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { removeDirectory, temporaryDirectory } from './server.ts';

const program = resolve(import.meta.dirname, '../../bin/kubets');
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const maxLogLength = 64 * 1024;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class UpCluster {
  readonly kubeconfig: string;
  readonly url: string;
  readonly readyMs: number;
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  readonly #log: () => string;

  private constructor(
    started: Pick<UpCluster, 'kubeconfig' | 'url' | 'readyMs'>,
    directory: string,
    child: ChildProcess,
    ended: Promise<number | NodeJS.Signals>,
    log: () => string,
  ) {
    this.kubeconfig = started.kubeconfig;
    this.url = started.url;
    this.readyMs = started.readyMs;
    this.#directory = directory;
    this.#child = child;
    this.#ended = ended;
    this.#log = log;
  }

  /** Resolves when it says that it is ready; rejects with its log when it ends before, or takes too long. */
  static async start(nodes: number, args: readonly string[] = []): Promise<UpCluster> {
    const directory = await temporaryDirectory();
    const kubeconfig = join(directory, 'kubeconfig');
    const flags = ['--runtime=simulated', `--nodes=${nodes}`, '--secure-port=0', `--kubeconfig=${kubeconfig}`];
    const child = spawn(program, ['up', ...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let log = '';
    let output = '';
    const ended = once(child, 'close').then(([code, signal]) => {
      children.delete(child);
      return (code ?? signal) as number | NodeJS.Signals;
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
    void ended.then(
      (code) => ready.reject(new Error(`the cluster ended with ${code} before it was ready:\n${log}`)),
      (error: unknown) => ready.reject(error),
    );
    const [, readyMs, url = ''] = await ready.promise.finally(() => clearTimeout(timer));
    return new UpCluster({ kubeconfig, url, readyMs: Number(readyMs) }, directory, child, ended, () => log);
  }

  /** Ends it as an operator does. Throws with its log when it does not end well. */
  async stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    const code = await this.#ended.finally(() => clearTimeout(timer));
    await removeDirectory(this.#directory);
    if (code !== 0) throw new Error(`the cluster ended with ${code}:\n${this.#log()}`);
  }
}
