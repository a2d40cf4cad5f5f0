import { spawn } from 'node:child_process';

export interface RunResult {
  /** Undefined when a signal ended the program. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;

/** Runs a program to its end. Rejects when it cannot be started or does not end in time; then it is killed. */
export function run(path: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input = '', env, cwd, timeoutMs = defaultTimeoutMs } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`${path} ${args.join(' ')}: not done after ${timeoutMs} ms; ${Buffer.concat(stderr).toString()}`),
      );
    }, timeoutMs);
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    // A program that reads no input may be gone before it is given any.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}
