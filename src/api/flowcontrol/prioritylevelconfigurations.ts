import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../types/flowcontrol.v1.ts';
import { validateFlowControlStatus } from './flow-schema-validation.ts';
import { validatePriorityLevel } from './priority-level-validation.ts';

/** API Priority and Fairness (KEP-1040): seats of a level, and how requests queue for them. */
const defaultShares = 30;
const defaultQueues = 64;
const defaultHandSize = 8;
const defaultQueueLengthLimit = 50;

function setQueuingDefaults(queuing: QueuingConfiguration): void {
  queuing.handSize ||= defaultHandSize;
  queuing.queues ||= defaultQueues;
  queuing.queueLengthLimit ||= defaultQueueLengthLimit;
}

function setLimitedDefaults(limited: LimitedPriorityLevelConfiguration): void {
  // A level with no shares at all is allowed, so only an absent number is filled.
  limited.nominalConcurrencyShares ??= defaultShares;
  limited.lendablePercent ??= 0;
  if (limited.limitResponse?.queuing) setQueuingDefaults(limited.limitResponse.queuing);
}

function defaults({ spec }: PriorityLevelConfiguration): void {
  if (spec?.limited) setLimitedDefaults(spec.limited);
  if (spec?.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
}

function queuing({ spec }: PriorityLevelConfiguration): QueuingConfiguration | undefined {
  return spec?.limited?.limitResponse?.queuing ?? undefined;
}

function queuingCell(object: PriorityLevelConfiguration, field: keyof QueuingConfiguration): number | string {
  const configuration = queuing(object);
  return configuration === undefined ? '<none>' : (configuration[field] ?? 0);
}

export const prioritylevelconfigurations = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  namespaced: false,
  defaults,
  validate: validatePriorityLevel,
  columns: [
    nameColumn,
    column('Type', ({ spec }) => spec?.type ?? ''),
    column('NominalConcurrencyShares', ({ spec }) =>
      spec?.limited ? (spec.limited.nominalConcurrencyShares ?? 0) : '<none>',
    ),
    column('Queues', (object) => queuingCell(object, 'queues')),
    column('HandSize', (object) => queuingCell(object, 'handSize')),
    column('QueueLengthLimit', (object) => queuingCell(object, 'queueLengthLimit')),
    ageColumn,
  ],
  subresources: { status: statusOnlySubresource<PriorityLevelConfiguration>(validateFlowControlStatus) },
});
