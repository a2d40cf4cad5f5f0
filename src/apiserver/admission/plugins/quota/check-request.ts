import type { KubernetesObject } from '../../../../api/contract.ts';
import { quantityOf, type Amounts } from '../../../../api/core/resource-list.ts';
import type { Evaluator } from '../../../../api/quota/evaluator.ts';
import { isCountedBy, scopesOf } from '../../../../api/quota/scopes.ts';
import type { ResourceQuota } from '../../../../api/types/core.v1.ts';
import type { Attributes } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import type { LimitedResource } from './limited-resources.ts';

/** A quota, and what is used of it with the requests that were let through but not written yet. */
export interface RunningQuota {
  readonly quota: ResourceQuota;
  /** Replaced when more is used; never changed. */
  used: Amounts;
}

/** What one request adds to one quota. */
interface Charge {
  readonly quota: RunningQuota;
  readonly used: Amounts;
}

/**
 * Charges one request to all quotas that it falls under, or to none: throws the 403 of the first that it exceeds.
 */
export function checkRequest(
  quotas: readonly RunningQuota[],
  attributes: Attributes,
  evaluator: Evaluator,
  limited: readonly LimitedResource[],
): void {
  const { object } = attributes;
  if (object === undefined) return;
  const concerned = quotas.filter(({ quota }) => matches(quota, evaluator, object));
  const covered = new Set<string>();
  for (const { quota, used } of concerned) {
    const resources = hardNames(quota).filter((name) => evaluator.counts(name));
    const missing = evaluator.missing?.(resources, object);
    if (missing !== undefined) throw refusal(attributes, `failed quota: ${nameOf(quota)}: ${missing}`);
    if (resources.some((name) => !used.has(name))) {
      const names = [...resources].sort().join(',');
      throw refusal(attributes, `status unknown for quota: ${nameOf(quota)}, resources: ${names}`);
    }
    for (const name of resources) covered.add(name);
  }
  const usage = evaluator.usage(object);
  const negative = [...usage].filter(([, amount]) => amount.sign < 0).map(([name]) => name);
  if (negative.length > 0) {
    throw refusal(attributes, `quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  }
  if (!changesAnything(concerned, attributes, evaluator, usage)) return;
  checkCoverage(quotas, attributes, evaluator, limited, usage, covered);
  const charges: Charge[] = [];
  for (const running of concerned) {
    const added = addedTo(running.quota, attributes, evaluator, usage);
    const used = added.size === 0 ? undefined : chargedTo(running, added, attributes);
    if (used !== undefined) charges.push({ quota: running, used });
  }
  for (const { quota, used } of charges) quota.used = used;
}

function nameOf({ metadata }: ResourceQuota): string {
  return metadata.name ?? '';
}

function hardNames({ status }: ResourceQuota): string[] {
  return Object.keys(status?.hard ?? {});
}

function matches(quota: ResourceQuota, evaluator: Evaluator, object: KubernetesObject): boolean {
  return isCountedBy(quota, hardNames(quota), evaluator, object);
}

/** What a request adds to what is used of a quota: on an update what is more than before, where that counted, too. */
function addedTo(quota: ResourceQuota, { oldObject }: Attributes, evaluator: Evaluator, usage: Amounts): Amounts {
  const isCounted = oldObject !== undefined && matches(quota, evaluator, oldObject);
  return isCounted ? increase(usage, evaluator.usage(oldObject)) : positive(usage);
}

function positive(amounts: Amounts): Amounts {
  return new Map([...amounts].filter(([, amount]) => amount.sign > 0));
}

function increase(now: Amounts, before: Amounts): Amounts {
  const difference: Amounts = new Map();
  for (const [name, amount] of now) {
    const old = before.get(name);
    difference.set(name, old === undefined ? amount : amount.subtract(old));
  }
  return positive(difference);
}

function changesAnything(
  concerned: readonly RunningQuota[],
  attributes: Attributes,
  evaluator: Evaluator,
  usage: Amounts,
): boolean {
  if (concerned.length > 0) {
    return concerned.some(({ quota }) => addedTo(quota, attributes, evaluator, usage).size > 0);
  }
  const { oldObject } = attributes;
  const added = oldObject === undefined ? positive(usage) : increase(usage, evaluator.usage(oldObject));
  return added.size > 0;
}

/** Refuses what the configuration lets nobody use without a quota for it. */
function checkCoverage(
  quotas: readonly RunningQuota[],
  attributes: Attributes,
  evaluator: Evaluator,
  limited: readonly LimitedResource[],
  usage: Amounts,
  covered: ReadonlySet<string>,
): void {
  const { requestKind, object } = attributes;
  const own = limited.filter(
    (one) => one.resource === requestKind.resource && (one.apiGroup ?? '') === requestKind.group,
  );
  if (own.length === 0 || object === undefined) return;
  const isLimited = (name: string): boolean =>
    own.some(({ matchContains = [] }) => matchContains.some((part) => name.includes(part)));
  const uncovered = [...positive(usage).keys()].filter((name) => isLimited(name) && !covered.has(name));
  if (uncovered.length > 0) throw refusal(attributes, `insufficient quota to consume: ${uncovered.sort().join(',')}`);
  const wanted = own.flatMap(({ matchScopes = [] }) => matchScopes).filter((one) => evaluator.isInScope(one, object));
  const given = new Set(
    quotas
      .flatMap(({ quota }) => scopesOf(quota))
      .filter((one) => evaluator.isInScope(one, object))
      .map(({ scopeName }) => scopeName),
  );
  const open = wanted.filter(({ scopeName }) => !given.has(scopeName));
  if (open.length === 0) return;
  const printed = open.map(
    ({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`,
  );
  throw refusal(attributes, `insufficient quota to match these scopes: [${printed.join(' ')}]`);
}

/** What is used of a quota with what is added. Throws when that is too much. */
function chargedTo({ quota, used }: RunningQuota, added: Amounts, attributes: Attributes): Amounts | undefined {
  const hard = quota.status?.hard ?? {};
  const requested = [...added].filter(([name]) => Object.hasOwn(hard, name));
  if (requested.length === 0) return undefined;
  const after: Amounts = new Map(used);
  for (const [name, amount] of requested) after.set(name, used.get(name)?.add(amount) ?? amount);
  // What is a fact already is counted, however much it is.
  const exceeded =
    attributes.subresource === 'status'
      ? []
      : requested.filter(([name]) => (after.get(name)?.compare(quantityOf(hard[name])) ?? 0) > 0).map(([name]) => name);
  if (exceeded.length === 0) return after;
  exceeded.sort();
  const print = (amountOf: (name: string) => unknown): string =>
    exceeded.map((name) => `${name}=${String(amountOf(name))}`).join(',');
  throw refusal(
    attributes,
    `exceeded quota: ${nameOf(quota)}, requested: ${print((name) => added.get(name))}, ` +
      `used: ${print((name) => used.get(name))}, limited: ${print((name) => hard[name])}`,
  );
}
