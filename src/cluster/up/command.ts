/** `kubets up`: a whole cluster with one command. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../client/client.ts';
import { realClock } from '../../machinery/clock.ts';
import { flag, FlagError, parseFlags, section, type FlagSet } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';
import { helpText } from '../../machinery/flags/help.ts';
import { loggingFlags, unimplementedLoggingFlags } from '../../machinery/flags/logging-flags.ts';
import { systemRandom } from '../../machinery/random.ts';
import { formatLogJSON, formatLogText, Logger, StreamLogSink } from '../../machinery/logging.ts';

const program = 'kubets up';
/** Without a terminal nobody knows how wide lines may be. */
const defaultColumns = 100;
const maxNodes = 5000;

const flags = {
  ...section('Cluster', {
    runtime: flag(
      types.choice(['containerd', 'simulated']),
      'containerd',
      'What runs Pods: containerd (not implemented yet), or nothing real: simulated.',
    ),
    nodes: flag(types.integer({ min: 0, max: maxNodes }), 1, 'How many nodes the cluster has.'),
    'secure-port': flag(types.integer({ min: 0, max: 65_535 }), 6443, 'The port of the API server; 0: any free one.'),
    kubeconfig: flag(
      types.text,
      join(homedir(), '.kube', 'kubets'),
      'The `file` that a kubeconfig of an administrator is written to.',
    ),
    example: flag(
      types.optionalText,
      undefined,
      'A `file` of objects in YAML that are applied once the cluster is ready.',
    ),
    controllers: flag(types.list, ['*'], 'Which controllers run, as kube-controller-manager has it.'),
  }),
  ...loggingFlags,
};

const set: FlagSet<typeof flags> = { program, flags, unimplemented: unimplementedLoggingFlags };
const description =
  'Brings up a cluster in one process: the API server, the controllers, the scheduler, and nodes. It is kept in memory ' +
  'and ends with the process.';

/** Runs until SIGINT or SIGTERM. Resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const { values, help } = parseFlags(set, args);
    if (help) {
      const columns = process.stdout.columns ?? defaultColumns;
      process.stdout.write(helpText(set, { description, usage: `${program} [flags]` }, columns));
      return 0;
    }
    if (values.runtime !== 'simulated') {
      throw new FlagError('--runtime containerd is not implemented yet: use --runtime simulated');
    }
    const log = Logger.create({
      component: 'kubets',
      clock: realClock,
      sink: new StreamLogSink(process.stderr),
      format: values['logging-format'] === 'json' ? formatLogJSON : formatLogText,
      verbosity: values.v,
    });
    const { Cluster } = await import('../cluster.ts');
    const cluster = await Cluster.start({
      nodes: values.nodes,
      securePort: values['secure-port'],
      kubeconfig: values.kubeconfig,
      controllers: values.controllers,
      log,
    });
    process.stdout.write(`ready in ${Math.round(realClock.monotonicMs())} ms on ${cluster.url}\n`);
    if (values.example !== undefined) await showExample(cluster.client, values.example, values.kubeconfig, log);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await cluster.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || !explained.has(error.name)) throw error;
    process.stderr.write(`${program}: ${error.message}\n`);
    return 1;
  }
}

async function showExample(client: Client, path: string, kubeconfig: string, log: Logger): Promise<void> {
  const { runExample } = await import('./example.ts');
  const startedMs = realClock.monotonicMs();
  const pods = await runExample({ client, clock: realClock, random: systemRandom, log, path });
  const tookMs = Math.round(realClock.monotonicMs() - startedMs);
  process.stdout.write(`${path} runs after ${tookMs} ms, simulated: no container was started\n`);
  for (const { metadata, spec, status } of pods) {
    process.stdout.write(
      `  ${metadata.name ?? ''}  ${status?.phase ?? ''}  ${spec.nodeName ?? ''}  ${status?.podIP ?? ''}\n`,
    );
  }
  process.stdout.write(`next: KUBECONFIG=${kubeconfig} kubectl get all -A\n`);
}

/** Errors that say what is wrong and what to do. */
const explained = new Set(['FlagError', 'SetupError', 'PkiError', 'ListenError']);
