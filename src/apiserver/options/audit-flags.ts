/** The flags of auditing, in upstream's names. */
import { auditModes, type AuditBackendOptions, type AuditMode, type AuditOptions } from '../audit/options.ts';
import { FlagError, flag, section } from '../../machinery/flags/flag-set.ts';
import type { FlagValues } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';

const whole = types.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const natural = types.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const version = types.choice(['audit.k8s.io/v1']);
const modeUsage = `How events are given away: ${auditModes.join(', ')}. batch gathers them, with the others requests wait for them, and with blocking-strict they fail where the first event of a request cannot be given away.`;
const bufferUsage = 'So many events may wait to be gathered; more are lost. Only in the mode batch.';
const batchUsage = 'The most events of a batch. Only in the mode batch.';
const waitUsage = 'A batch that is not full is given away after so long. Only in the mode batch.';
const throttleUsage = 'Whether the rate of batches is limited. Only in the mode batch.';
const qpsUsage = 'Batches a second on average. Only in the mode batch.';
const burstUsage = 'Batches at the same moment, when there were few before. Only in the mode batch.';
const truncateUsage = 'Whether events and batches that are too large are made smaller.';
const truncateBatchUsage = 'The most bytes of a batch; a larger one is divided.';
const truncateEventUsage =
  'The most bytes of an event; the objects are taken out of a larger one, and when that is not enough it is lost.';
const versionUsage = 'The version of events.';

export const auditFlags = section('Auditing', {
  'audit-log-batch-buffer-size': flag(whole, 10_000, bufferUsage),
  'audit-log-batch-max-size': flag(whole, 1, batchUsage),
  'audit-log-batch-max-wait': flag(types.durationMs({ minMs: 0 }), 0, waitUsage),
  'audit-log-batch-throttle-burst': flag(whole, 0, burstUsage),
  'audit-log-batch-throttle-enable': flag(types.boolean, false, throttleUsage),
  'audit-log-batch-throttle-qps': flag(types.decimal({ min: -Infinity, max: Infinity }), 0, qpsUsage),
  'audit-log-compress': flag(types.boolean, false, 'Compress log files that were set aside, with gzip.'),
  'audit-log-format': flag(types.choice(['json']), 'json', 'The format of the log: json, an event a line.'),
  'audit-log-maxage': flag(natural, 0, 'Days that log files are kept that were set aside. 0: however old they are.'),
  'audit-log-maxbackup': flag(natural, 0, 'So many log files are kept that were set aside. 0: all.'),
  'audit-log-maxsize': flag(natural, 0, 'A log file is set aside before it has more than so many megabytes. 0: 100.'),
  'audit-log-mode': flag(types.choice(auditModes), 'blocking', modeUsage),
  'audit-log-path': flag(types.optionalText, undefined, 'The `file` that events are written to; - is standard output.'),
  'audit-log-truncate-enabled': flag(types.boolean, false, truncateUsage),
  'audit-log-truncate-max-batch-size': flag(whole, 10 * 1024 * 1024, truncateBatchUsage),
  'audit-log-truncate-max-event-size': flag(whole, 100 * 1024, truncateEventUsage),
  'audit-log-version': flag(version, 'audit.k8s.io/v1', versionUsage),
  'audit-policy-file': flag(
    types.optionalText,
    undefined,
    'The `file` with the audit policy, which says what is recorded of which requests. Without one, nothing is.',
  ),
  'audit-webhook-batch-buffer-size': flag(whole, 10_000, bufferUsage),
  'audit-webhook-batch-max-size': flag(whole, 400, batchUsage),
  'audit-webhook-batch-max-wait': flag(types.durationMs({ minMs: 0 }), 30_000, waitUsage),
  'audit-webhook-batch-throttle-burst': flag(whole, 15, burstUsage),
  'audit-webhook-batch-throttle-enable': flag(types.boolean, true, throttleUsage),
  'audit-webhook-batch-throttle-qps': flag(types.decimal({ min: -Infinity, max: Infinity }), 10, qpsUsage),
  'audit-webhook-config-file': flag(
    types.optionalText,
    undefined,
    'The kubeconfig `file` of the webhook that events are sent to.',
  ),
  'audit-webhook-initial-backoff': flag(
    types.durationMs({ minMs: 0 }),
    10_000,
    'How long to wait before events are sent a second time that the webhook did not take.',
  ),
  'audit-webhook-mode': flag(types.choice(auditModes), 'batch', modeUsage),
  'audit-webhook-truncate-enabled': flag(types.boolean, false, truncateUsage),
  'audit-webhook-truncate-max-batch-size': flag(whole, 10 * 1024 * 1024, truncateBatchUsage),
  'audit-webhook-truncate-max-event-size': flag(whole, 100 * 1024, truncateEventUsage),
  'audit-webhook-version': flag(version, 'audit.k8s.io/v1', versionUsage),
});

type Values = FlagValues<typeof auditFlags>;

export function auditOptionsOf(values: Values): AuditOptions {
  const [path, configFile] = [values['audit-log-path'], values['audit-webhook-config-file']];
  return {
    policyFile: values['audit-policy-file'],
    log:
      path === undefined
        ? undefined
        : {
            ...backendOf(values, 'log'),
            path,
            maxAgeDays: values['audit-log-maxage'],
            maxBackups: values['audit-log-maxbackup'],
            maxSizeMebibytes: values['audit-log-maxsize'],
            compress: values['audit-log-compress'],
          },
    webhook:
      configFile === undefined
        ? undefined
        : {
            ...backendOf(values, 'webhook'),
            configFile,
            initialBackoffMs: values['audit-webhook-initial-backoff'],
          },
  };
}

function backendOf(values: Values, plugin: 'log' | 'webhook'): AuditBackendOptions {
  const mode: AuditMode = values[`audit-${plugin}-mode`];
  return {
    mode,
    batch: {
      bufferSize: values[`audit-${plugin}-batch-buffer-size`],
      maxBatchSize: values[`audit-${plugin}-batch-max-size`],
      maxBatchWaitMs: values[`audit-${plugin}-batch-max-wait`],
      throttle: values[`audit-${plugin}-batch-throttle-enable`]
        ? {
            perSecond: values[`audit-${plugin}-batch-throttle-qps`],
            burst: values[`audit-${plugin}-batch-throttle-burst`],
          }
        : undefined,
    },
    truncate: values[`audit-${plugin}-truncate-enabled`]
      ? {
          maxEventBytes: values[`audit-${plugin}-truncate-max-event-size`],
          maxBatchBytes: values[`audit-${plugin}-truncate-max-batch-size`],
        }
      : undefined,
  };
}

/** Refuses what a backend that is used cannot do. Throws FlagError in upstream's words. */
export function checkAudit(values: Values): void {
  const { log, webhook } = auditOptionsOf(values);
  if (log !== undefined) checkBackend('log', log, values);
  if (webhook !== undefined) checkBackend('webhook', webhook, values);
}

function checkBackend(plugin: 'log' | 'webhook', { mode, batch }: AuditBackendOptions, values: Values): void {
  const positive = (what: string, value: number): void => {
    if (!(value > 0)) throw new FlagError(`invalid audit ${what} ${value}, must be a positive number`);
  };
  if (mode === 'batch') {
    positive(`batch ${plugin} buffer size`, batch.bufferSize);
    positive(`batch ${plugin} max batch size`, batch.maxBatchSize);
    if (batch.throttle !== undefined) {
      positive(`batch ${plugin} throttle QPS`, batch.throttle.perSecond);
      positive(`batch ${plugin} throttle burst`, batch.throttle.burst);
    }
  }
  const maxEvent = values[`audit-${plugin}-truncate-max-event-size`];
  const maxBatch = values[`audit-${plugin}-truncate-max-batch-size`];
  positive(`truncate ${plugin} max event size`, maxEvent);
  if (maxBatch < maxEvent) {
    throw new FlagError(
      `invalid audit truncate ${plugin} max batch size ${maxBatch}, must be greater than max event size (${maxEvent})`,
    );
  }
}
