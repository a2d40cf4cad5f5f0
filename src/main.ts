/**
 * The multi-call program: `kubets COMMAND …`, or a command under its upstream name (`kube-apiserver …`). Commands are
 * loaded when they are called, so that each starts as fast as if it were alone. The first argument is the name by which
 * the program was called; bin/kubets passes it.
 */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

interface Command {
  /** As `kubets NAME` and under names of its own. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Resolves to the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const commands: readonly Command[] = [
  {
    names: ['up'],
    summary: 'Bring up a whole cluster in one process',
    run: async (args) => (await import('./cluster/up/command.ts')).run(args),
  },
  {
    names: ['apiserver', 'kube-apiserver'],
    summary: 'Run the API server, with its store',
    run: async (args) => (await import('./apiserver/command.ts')).run(args),
  },
  {
    names: ['controller-manager', 'kube-controller-manager'],
    summary: 'Run the controllers',
    run: async (args) => (await import('./controllers/command.ts')).run(args),
  },
  {
    names: ['history'],
    summary: 'Show what happened to an object, or objects as they were',
    run: async (args) => (await import('./kubectl/history/command.ts')).run(args),
  },
  { names: ['version'], summary: 'Print the version', run: printVersion },
  { names: ['help'], summary: 'Print this help', run: printHelp },
];

async function printVersion(): Promise<number> {
  const { gitVersion } = await import('./machinery/version.ts');
  process.stdout.write(`Kubernetes ${gitVersion}\n`);
  return 0;
}

async function printHelp(): Promise<number> {
  const width = Math.max(...commands.map(({ names }) => names[0]?.length ?? 0));
  const lines = commands.map(({ names: [name = '', ...others], summary }) => {
    const also = others.length === 0 ? '' : ` (also as ${others.join(', ')})`;
    return `  ${name.padEnd(width)}  ${summary}${also}`;
  });
  process.stdout.write(
    `kubets is Kubernetes v1.36 written in TypeScript.\n\nUsage:\n  kubets COMMAND [flags]\n\nCommands:\n` +
      `${lines.join('\n')}\n\nkubets COMMAND --help tells the flags of a command.\n`,
  );
  return 0;
}

async function refuse(name: string): Promise<number> {
  const { nearest } = await import('./machinery/flags/nearest.ts');
  const guess = nearest(
    name,
    commands.flatMap(({ names }) => names),
  );
  const hint = guess === undefined ? "'kubets help' lists the commands" : `did you mean ${guess}?`;
  process.stderr.write(`kubets: unknown command ${JSON.stringify(name)}: ${hint}\n`);
  return 1;
}

/** Where V8 may keep the code that it compiled: beside the program, or in the user's cache when that is read-only. */
async function compileCacheDirectory(): Promise<string | undefined> {
  const beside = join(dirname(import.meta.dirname), 'dist', '.cache');
  const users = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kubets');
  for (const directory of [beside, users]) {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await access(directory, constants.W_OK);
      return directory;
    } catch {
      // The next one, or none: it only makes starting faster.
    }
  }
  return undefined;
}

async function main(calledAs: string, args: readonly string[]): Promise<number> {
  const cache = await compileCacheDirectory();
  if (cache !== undefined) enableCompileCache(cache);
  const [first = 'help', ...rest] = args;
  const own = commands.find(({ names }) => names.includes(basename(calledAs)));
  if (own !== undefined) return own.run(args);
  const name = first === '--help' || first === '-h' ? 'help' : first === '--version' ? 'version' : first;
  const command = commands.find(({ names }) => names.includes(name));
  return command === undefined ? refuse(name) : command.run(rest);
}

const [, , calledAs = 'kubets', ...args] = process.argv;
process.exitCode = await main(calledAs, args);
