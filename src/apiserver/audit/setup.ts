/** Puts auditing together from its options. */
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import type { Random } from '../../machinery/random.ts';
import { SetupError } from '../setup-error.ts';
import { WebhookClient } from '../webhook/webhook-client.ts';
import { readWebhookConfig } from '../webhook/webhook-config.ts';
import { Auditor } from './auditor.ts';
import { BatchBackend } from './batch-backend.ts';
import type { AuditBackend, AuditFailure } from './contract.ts';
import { LogBackend, type AuditWriter } from './log-backend.ts';
import { AuditMetrics } from './metrics.ts';
import type { AuditBackendOptions, AuditOptions } from './options.ts';
import { AuditPolicy } from './policy.ts';
import { loadAuditPolicy } from './policy-file.ts';
import { RotatingFile } from './rotating-file.ts';
import { TruncateBackend } from './truncate-backend.ts';
import { WebhookBackend } from './webhook-backend.ts';

export interface AuditWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

const dayMs = 24 * 60 * 60 * 1000;
const mebibyte = 1024 * 1024;
/** Upstream's, when none is given. */
export const defaultMaxSizeMebibytes = 100;
/** Upstream's for its webhooks. */
const webhookTimeoutMs = 30_000;
const webhookAttempts = 5;

/** Undefined when there is no policy, or nowhere to write to. Rejects with SetupError. */
export async function setUpAudit(options: AuditOptions, world: AuditWorld): Promise<Auditor | undefined> {
  const { policyFile, log, webhook } = options;
  if (policyFile === undefined) {
    for (const [name, one] of [['log', log] as const, ['webhook', webhook] as const]) {
      if (one !== undefined)
        world.log.warning(`No audit policy file provided, no events will be recorded for ${name} backend`);
    }
    return undefined;
  }
  const policy = new AuditPolicy(await loadAuditPolicy(policyFile, world.log));
  const metrics = new AuditMetrics(world.metrics);
  const onFailure: AuditFailure = (plugin, lost, error) => {
    metrics.lost(plugin, lost);
    world.log.error(`Error in audit plugin '${plugin}' affecting ${lost} audit events`, error);
  };
  const backends: AuditBackend[] = [];
  if (log !== undefined) {
    const backend = new LogBackend(writerOf(log, world), onFailure);
    backends.push(wrapped(backend, log, true, world, onFailure));
  }
  if (webhook !== undefined) {
    const client = new WebhookClient(readWebhookConfig(webhook.configFile, '--audit-webhook-config-file'), {
      clock: world.clock,
      random: world.random,
      timeoutMs: webhookTimeoutMs,
      maxAttempts: webhookAttempts,
      firstDelayMs: webhook.initialBackoffMs,
    });
    backends.push(wrapped(new WebhookBackend(client, onFailure), webhook, false, world, onFailure));
  }
  if (backends.length === 0) return undefined;
  return new Auditor({ policy, backend: new UnionBackend(backends), metrics, clock: world.clock, log: world.log });
}

function writerOf(log: NonNullable<AuditOptions['log']>, { clock, log: logger }: AuditWorld): AuditWriter {
  if (log.path === '-') {
    return { write: (text) => void process.stdout.write(text), close: () => Promise.resolve() };
  }
  try {
    return new RotatingFile({
      path: log.path,
      maxBytes: (log.maxSizeMebibytes === 0 ? defaultMaxSizeMebibytes : log.maxSizeMebibytes) * mebibyte,
      maxAgeMs: log.maxAgeDays * dayMs,
      maxBackups: log.maxBackups,
      compress: log.compress,
      clock,
      onFailure: (error) => logger.error('Tidying audit logs failed', error, { path: log.path }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`--audit-log-path=${log.path} cannot be written: ${reason}`, { cause: error });
  }
}

function wrapped(
  backend: AuditBackend,
  { mode, batch, truncate }: AuditBackendOptions,
  isOrdered: boolean,
  { clock }: AuditWorld,
  onFailure: AuditFailure,
): AuditBackend {
  const outer =
    mode === 'batch'
      ? new BatchBackend(backend, { ...batch, isOrdered }, clock, onFailure)
      : mode === 'blocking'
        ? new IgnoringBackend(backend)
        : backend;
  return truncate === undefined ? outer : new TruncateBackend(outer, truncate, onFailure);
}

/** No request fails because of this backend. */
class IgnoringBackend implements AuditBackend {
  readonly #backend: AuditBackend;

  constructor(backend: AuditBackend) {
    this.#backend = backend;
  }

  process(events: Parameters<AuditBackend['process']>[0]): boolean | Promise<boolean> {
    const answer = this.#backend.process(events);
    return answer instanceof Promise ? answer.then(() => true) : true;
  }

  close(): Promise<void> {
    return this.#backend.close();
  }
}

class UnionBackend implements AuditBackend {
  readonly #backends: readonly AuditBackend[];

  constructor(backends: readonly AuditBackend[]) {
    this.#backends = backends;
  }

  process(events: Parameters<AuditBackend['process']>[0]): boolean | Promise<boolean> {
    const answers = this.#backends.map((backend) => backend.process(events));
    if (!answers.some((answer) => answer instanceof Promise)) return answers.every((answer) => answer === true);
    return Promise.all(answers).then((all) => all.every(Boolean));
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }
}
