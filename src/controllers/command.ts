/** The program `kube-controller-manager`. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ClientConfigError, type ClientConfig } from '../client/client-config.ts';
import { Client } from '../client/client.ts';
import { ComponentServer } from '../client/component-server.ts';
import { HttpsTransport } from '../client/https-transport.ts';
import { resolveKubeconfig } from '../client/kubeconfig-context.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { LeaderElector } from '../client/leader-election.ts';
import { ServiceAccountToken } from '../client/service-account-token.ts';
import { realClock } from '../machinery/clock.ts';
import { FlagError } from '../machinery/flags/flag-set.ts';
import { healthEndpoints, HealthChecks } from '../machinery/health-checks.ts';
import { formatLogJSON, formatLogText, Logger, StreamLogSink } from '../machinery/logging.ts';
import { MetricsRegistry } from '../machinery/metrics.ts';
import { registerProcessMetrics } from '../machinery/process-metrics.ts';
import { systemRandom } from '../machinery/random.ts';
import { gitVersion, versionInfo } from '../machinery/version.ts';
import { controllerDefinitions } from './catalog.ts';
import {
  controllerManagerOptionsOf,
  parseControllerManagerCommandLine,
  type ControllerManagerCommandLine,
  type ControllerManagerFlagValues,
} from './command-line.ts';
import type { ControllerDefinition } from './contract.ts';
import { ControllerManager } from './manager.ts';

const program = 'kube-controller-manager';
/** Without a terminal nobody knows how wide lines may be. */
const defaultColumns = 100;
const world = { clock: realClock, random: systemRandom };

/** Runs until a signal ends it, or leadership is lost. Resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const columns = process.stdout.columns ?? defaultColumns;
    const line = parseControllerManagerCommandLine(args, columns, controllerDefinitions);
    return await act(line);
  } catch (error) {
    if (!(error instanceof FlagError) && !(error instanceof ClientConfigError)) throw error;
    process.stderr.write(`${program}: ${error.message}\n`);
    return 1;
  }
}

async function act(line: ControllerManagerCommandLine): Promise<number> {
  switch (line.action) {
    case 'help':
      process.stdout.write(line.text);
      return 0;
    case 'version':
      process.stdout.write(line.raw ? `${JSON.stringify(versionInfo())}\n` : `Kubernetes ${gitVersion}\n`);
      return 0;
    case 'run': {
      const log = Logger.create({
        component: program,
        clock: realClock,
        sink: new StreamLogSink(process.stderr),
        format: line.flags['logging-format'] === 'json' ? formatLogJSON : formatLogText,
        verbosity: line.flags.v,
      });
      for (const warning of line.warnings) log.warning(warning);
      return manage(line.flags, line.definitions, log);
    }
  }
}

async function manage(
  flags: ControllerManagerFlagValues,
  definitions: readonly ControllerDefinition[],
  log: Logger,
): Promise<number> {
  const options = controllerManagerOptionsOf(flags);
  const config = resolveKubeconfig(await loadKubeconfig({ explicitPath: flags.kubeconfig }));
  const client = clientOf(config, program);
  const stop = stopSignal(log);
  const metrics = new MetricsRegistry();
  registerProcessMetrics(metrics);
  const health = new HealthChecks({
    onFailure: (endpoint, name, error) => log.v(2)?.info('Health check failed', { endpoint, name, error }),
  });
  let elector: LeaderElector | undefined;
  health.add(healthEndpoints, 'leaderElection', () => elector?.check());
  const server = await listen(flags, { client, log, health, metrics, configz: flags });
  const lead = (signal: AbortSignal): Promise<void> =>
    withControllerClients(flags, config, client, definitions, log, async (clientFor) => {
      log.info('Starting controllers', { count: definitions.length });
      await new ControllerManager({ ...world, client, clientFor, log, metrics, options, definitions }).run(signal);
    });
  try {
    if (!flags['leader-elect']) {
      await lead(stop);
      return 0;
    }
    elector = new LeaderElector({
      ...world,
      client: clientOf(config, `${program}/leader-election`),
      log,
      namespace: flags['leader-elect-resource-namespace'],
      name: flags['leader-elect-resource-name'],
      identity: `${hostname()}_${systemRandom.uuid()}`,
      leaseDurationMs: flags['leader-elect-lease-duration'],
      renewDeadlineMs: flags['leader-elect-renew-deadline'],
      retryPeriodMs: flags['leader-elect-retry-period'],
    });
    const ended = await elector.run(lead, stop);
    if (ended === 'lost') log.error('Leader election lost', undefined);
    return ended === 'lost' ? 1 : 0;
  } finally {
    await server?.close();
    client.rest.transport.close();
  }
}

function clientOf(config: ClientConfig, userAgent: string): Client {
  return Client.over(new HttpsTransport(config), { userAgent: `${userAgent}/${gitVersion}` });
}

/** Runs `use` with a client for each controller: in its own name where the flags ask for that. */
async function withControllerClients(
  flags: ControllerManagerFlagValues,
  config: ClientConfig,
  own: Client,
  definitions: readonly ControllerDefinition[],
  log: Logger,
  use: (clientFor: (serviceAccount: string) => Client) => Promise<void>,
): Promise<void> {
  if (!flags['use-service-account-credentials']) {
    await use((name) => clientOf(config, `${program}/${name}`));
    return;
  }
  const names = [...new Set(definitions.map(({ serviceAccount }) => serviceAccount))];
  const tokens = new Map<string, ServiceAccountToken>();
  try {
    for (const name of names) {
      const account = { clock: realClock, log, namespace: 'kube-system', name };
      tokens.set(name, await ServiceAccountToken.start(own, account));
    }
    await use((name) => {
      const token = tokens.get(name);
      if (token === undefined) throw new Error(`no token was asked for ${name}`);
      return clientOf({ ...config, credentials: { token: () => token.value } }, `${program}/${name}`);
    });
  } finally {
    for (const token of tokens.values()) token.stop();
  }
}

async function listen(
  flags: ControllerManagerFlagValues,
  parts: {
    readonly client: Client;
    readonly log: Logger;
    readonly health: HealthChecks;
    readonly metrics: MetricsRegistry;
    readonly configz: unknown;
  },
): Promise<ComponentServer | undefined> {
  if (flags['secure-port'] === 0) return undefined;
  const { 'tls-cert-file': certificate, 'tls-private-key-file': key, 'client-ca-file': clientCa } = flags;
  return ComponentServer.listen({
    ...world,
    ...parts,
    host: flags['bind-address'],
    port: flags['secure-port'],
    ...(certificate === undefined || key === undefined
      ? {}
      : { tls: { certificate: readFileSync(certificate), key: readFileSync(key) } }),
    ...(clientCa === undefined ? {} : { clientCa: readFileSync(clientCa) }),
  });
}

function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info('Shutting down', { signal: name });
      stop.abort(new Error('the program ends'));
    });
  }
  return stop.signal;
}
