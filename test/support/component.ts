/** Runs a component as its users do, in a process of its own: `bin/kubets NAME …`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../bin/kubets');
const stopTimeoutMs = 20_000;
const maxLogLength = 64 * 1024;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class Component {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  #log = '';

  private constructor(args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    children.add(this.#child);
    this.#child.stderr?.on('data', (piece: Buffer) => {
      this.#log = (this.#log + piece.toString('utf8')).slice(-maxLogLength);
    });
    this.#ended = once(this.#child, 'close').then(([code, signal]) => {
      children.delete(this.#child);
      return (code ?? signal) as number | NodeJS.Signals;
    });
  }

  /** @param args The component's name, and its flags. */
  static start(...args: readonly string[]): Component {
    return new Component(args);
  }

  get log(): string {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends it as an operator does. Throws with its log when it does not end well. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    const code = await this.#ended.finally(() => clearTimeout(timer));
    if (code !== 0) throw new Error(`it ended with ${code}:\n${this.#log}`);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
