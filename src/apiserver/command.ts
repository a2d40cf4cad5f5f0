/** The program `kube-apiserver`. */
import { realClock } from '../machinery/clock.ts';
import { FlagError } from '../machinery/flags/flag-set.ts';
import { formatLogJSON, formatLogText, Logger, StreamLogSink } from '../machinery/logging.ts';
import { systemRandom } from '../machinery/random.ts';
import { gitVersion, versionInfo } from '../machinery/version.ts';
import { StoreError } from '../store/contract.ts';
import type { AssembledServer } from './assemble.ts';
import { parseApiServerOptions } from './options/options.ts';
import type { ApiServerCommandLine, ServerRunOptions } from './options/options.ts';

const program = 'kube-apiserver';
/** Without a terminal nobody knows how wide lines may be. */
const defaultColumns = 100;

/** Runs until a signal ends it. Resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let line: ApiServerCommandLine;
  try {
    line = parseApiServerOptions(args, process.stdout.columns ?? defaultColumns);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`${program}: ${error.message}\n`);
    return 1;
  }
  switch (line.action) {
    case 'help':
      process.stdout.write(line.text);
      return 0;
    case 'version':
      process.stdout.write(line.raw ? `${JSON.stringify(versionInfo())}\n` : `Kubernetes ${gitVersion}\n`);
      return 0;
    case 'run':
      return serve(line.options, line.warnings);
  }
}

async function serve(options: ServerRunOptions, warnings: readonly string[]): Promise<number> {
  const { format, verbosity } = options.logging;
  const log = Logger.create({
    component: program,
    clock: realClock,
    sink: new StreamLogSink(process.stderr),
    format: format === 'json' ? formatLogJSON : formatLogText,
    verbosity,
  });
  for (const warning of warnings) log.warning(warning);
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  // Nobody may be waiting for it yet when it happens.
  failure.catch(() => {});
  // Signals that come before the server runs end the process as they always do: there is nothing to finish.
  let server: AssembledServer;
  try {
    const { assembleApiServer } = await import('./assemble.ts');
    server = await assembleApiServer(options, { clock: realClock, random: systemRandom, log, onFailure: fail });
  } catch (error) {
    process.stderr.write(`${program}: ${startErrorText(error)}\n`);
    return 1;
  }
  const signal = nextSignal();
  process.stdout.write(`ready in ${Math.round(performance.now())} ms on ${server.url}\n`);
  let exitCode = 0;
  try {
    const name = await Promise.race([signal, failure]);
    log.info('Shutting down', { signal: name });
    server.announceShutdown();
    if (options.shutdownDelayMs > 0) await realClock.sleep(options.shutdownDelayMs);
  } catch (error) {
    log.error('The server cannot go on', error);
    exitCode = 1;
  }
  await server.close();
  log.info('Shut down');
  return exitCode;
}

/** Errors of a start that say what to do need no more; those that nobody thought of show where they come from. */
const explained = new Set(['SetupError', 'PkiError', 'TokenFileError', 'ListenError']);

function startErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isSystemError = 'code' in error && 'syscall' in error;
  if (explained.has(error.name) || error instanceof StoreError || isSystemError) return error.message;
  return error.stack ?? error.message;
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/** Resolves to the first signal to end; the second ends the process at once, as a shell expects of it. */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    let isEnding = false;
    for (const [name, number] of Object.entries(signalNumbers)) {
      process.on(name, () => {
        if (isEnding) process.exit(128 + number);
        isEnding = true;
        resolve(name);
      });
    }
  });
}
