import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { validateFullyQualifiedName } from '../../../machinery/domain-names.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { isDNS1035Label } from '../../../machinery/names.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../../field-rules.ts';
import { hasInvalidLabelValue } from '../../label-selector-ratchet.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../types/admissionregistration.v1.ts';
import { validateClientConfig } from './client-config.ts';
import { matchPolicies, validateMatchConditions, validateRule } from './rules.ts';

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

const webhooksPath = root('webhooks');
const failurePolicies = ['Fail', 'Ignore'];
const sideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const noSideEffects = ['None', 'NoneOnDryRun'];
const reinvocationPolicies = ['IfNeeded', 'Never'];
const reviewVersions = ['v1', 'v1beta1'];
const maxTimeoutSeconds = 30;

/** What an update may keep because the stored configuration holds it. */
interface WebhookOptions {
  readonly ignoreMatchConditions: boolean;
  readonly requireNoSideEffects: boolean;
  readonly requireKnownReviewVersion: boolean;
  readonly requireUniqueNames: boolean;
  readonly allowInvalidLabelValueInSelector: boolean;
}

function validateSideEffects(
  webhook: Webhook,
  { requireNoSideEffects }: WebhookOptions,
  path: Path,
  errors: FieldError[],
): void {
  const allowed = requireNoSideEffects ? noSideEffects : sideEffects;
  const effects = webhook.sideEffects ?? undefined;
  if (effects === undefined) errors.push(path.required(`must specify one of ${allowed.join(', ')}`));
  else validateEnum(effects, allowed, path, errors);
}

function validateWebhook(webhook: Webhook, options: WebhookOptions, path: Path, errors: FieldError[]): void {
  errors.push(...validateFullyQualifiedName(path.child('name'), webhook.name ?? ''));
  listOf(webhook.rules).forEach((rule, index) => validateRule(rule, path.child('rules').index(index), errors));
  validateEnum(webhook.failurePolicy, failurePolicies, path.child('failurePolicy'), errors);
  validateEnum(webhook.matchPolicy, matchPolicies, path.child('matchPolicy'), errors);
  validateSideEffects(webhook, options, path.child('sideEffects'), errors);
  const timeout = webhook.timeoutSeconds ?? 1;
  if (timeout < 1 || timeout > maxTimeoutSeconds) {
    const detail = 'the timeout value must be between 1 and 30 seconds';
    errors.push(path.child('timeoutSeconds').invalid(timeout, detail));
  }
  errors.push(...validateLabelSelector(webhook.namespaceSelector, options, path.child('namespaceSelector')));
  errors.push(...validateLabelSelector(webhook.objectSelector, options, path.child('objectSelector')));
  validateEnum(webhook.reinvocationPolicy, reinvocationPolicies, path.child('reinvocationPolicy'), errors);
  validateClientConfig(orZero(webhook.clientConfig), path.child('clientConfig'), errors);
  if (!options.ignoreMatchConditions) {
    validateMatchConditions(webhook.matchConditions, path.child('matchConditions'), errors);
  }
}

function validateReviewVersions(
  versions: readonly string[],
  isKnownRequired: boolean,
  path: Path,
  errors: FieldError[],
): void {
  if (versions.length === 0) {
    errors.push(path.required(`must specify one of ${reviewVersions.join(', ')}`));
    return;
  }
  const seen = new Set<string>();
  versions.forEach((version, index) => {
    if (seen.has(version)) errors.push(path.index(index).invalid(version, 'duplicate version'));
    else validateByRule(isDNS1035Label, version, path.index(index), errors);
    seen.add(version);
  });
  if (isKnownRequired && !reviewVersions.some((version) => seen.has(version))) {
    errors.push(path.invalid(versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
}

function validateAll(webhooks: readonly Webhook[], options: WebhookOptions): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  webhooks.forEach((webhook, index) => {
    const path = webhooksPath.index(index);
    const name = webhook.name ?? '';
    validateWebhook(webhook, options, path, errors);
    const versions = listOf(webhook.admissionReviewVersions);
    validateReviewVersions(versions, options.requireKnownReviewVersion, path.child('admissionReviewVersions'), errors);
    if (options.requireUniqueNames && name !== '' && names.has(name)) errors.push(path.child('name').duplicate(name));
    names.add(name);
  });
  return errors;
}

interface Configuration {
  readonly webhooks?: readonly Webhook[] | null;
}

export function validateWebhookConfiguration({ webhooks }: Configuration): FieldError[] {
  return validateAll(listOf(webhooks), {
    ignoreMatchConditions: false,
    requireNoSideEffects: true,
    requireKnownReviewVersion: true,
    requireUniqueNames: true,
    allowInvalidLabelValueInSelector: false,
  });
}

function haveSameMatchConditions(webhooks: readonly Webhook[], old: readonly Webhook[]): boolean {
  if (webhooks.length !== old.length) return false;
  return webhooks.every(({ matchConditions }, index) =>
    semanticDeepEqual(matchConditions, old[index]?.matchConditions),
  );
}

function hasKnownReviewVersion({ admissionReviewVersions }: Webhook): boolean {
  const versions = listOf(admissionReviewVersions);
  return versions.length === 0 || versions.some((version) => reviewVersions.includes(version));
}

export function validateWebhookConfigurationUpdate({ webhooks }: Configuration, old: Configuration): FieldError[] {
  const stored = listOf(old.webhooks);
  return validateAll(listOf(webhooks), {
    ignoreMatchConditions: haveSameMatchConditions(listOf(webhooks), stored),
    requireNoSideEffects: stored.every(({ sideEffects: effects }) => noSideEffects.includes(effects ?? '')),
    requireKnownReviewVersion: stored.every(hasKnownReviewVersion),
    requireUniqueNames: new Set(stored.map(({ name }) => name ?? '')).size === stored.length,
    allowInvalidLabelValueInSelector: stored.some(
      ({ namespaceSelector, objectSelector }) =>
        hasInvalidLabelValue(namespaceSelector) || hasInvalidLabelValue(objectSelector),
    ),
  });
}
