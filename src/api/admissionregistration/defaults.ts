import type {
  MatchResources,
  MutatingWebhook,
  ParamRef,
  Rule,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../types/admissionregistration.v1.ts';

const defaultTimeoutSeconds = 10;
const httpsPort = 443;

function setRuleDefaults(rules: readonly Rule[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

function setClientConfigDefaults(config: WebhookClientConfig | undefined): void {
  if (config?.service) config.service.port ??= httpsPort;
}

/** What mutating and validating webhooks have in common. */
export function setWebhookDefaults(webhook: ValidatingWebhook | MutatingWebhook): void {
  setClientConfigDefaults(webhook.clientConfig);
  setRuleDefaults(webhook.rules);
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= defaultTimeoutSeconds;
}

/** What a policy, or a binding of it, matches. */
export function setMatchResourcesDefaults(match: MatchResources | undefined): void {
  if (match === undefined || match === null) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  setRuleDefaults(match.resourceRules);
  setRuleDefaults(match.excludeResourceRules);
}

export function setParamRefDefaults(paramRef: ParamRef | undefined): void {
  if (paramRef) paramRef.parameterNotFoundAction ??= 'Deny';
}
