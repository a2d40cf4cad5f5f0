/** `--authorization-config`: an AuthorizationConfiguration (apiserver.config.k8s.io v1, v1beta1, v1alpha1; KEP-3221). */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { decode, DecodeError } from '../../api/schema/decode.ts';
import { lookupSchema } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/schema/yaml.ts';
import type {
  AuthorizationConfiguration,
  AuthorizerConfiguration,
  WebhookConfiguration,
  WebhookMatchCondition,
} from '../../api/types/apiserver-config.v1.ts';
import { parseDurationMs } from '../../machinery/duration.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { isDNS1123Subdomain } from '../../machinery/names.ts';
import { authorizationModes, isAuthorizationMode, type AuthorizationMode } from './modes.ts';
import type { WebhookSettings } from './webhook/settings.ts';

/** One authorizer of the configuration, in the order in which they are asked. */
export interface ConfiguredAuthorizer {
  readonly type: AuthorizationMode;
  readonly name: string;
  /** Of the type Webhook alone. */
  readonly webhook?: WebhookSettings;
}

const groups: ReadonlySet<string> = new Set(['apiserver.config.k8s.io', 'apiserver.k8s.io']);
const maxDepth = 50;
const maxMatchConditions = 64;
const maxTimeoutMs = 30_000;
const defaults = { authorizedTtl: '5m0s', unauthorizedTtl: '30s' };

/**
 * Reads and checks a configuration. Rejects with an Error that says everything that is wrong with it.
 */
export async function parseAuthorizationConfiguration(text: string): Promise<readonly ConfiguredAuthorizer[]> {
  const { authorizers } = readStrictly(text);
  const conditions = (authorizers ?? []).flatMap(({ webhook }) => webhook?.matchConditions ?? []);
  const problemOf = conditions.length === 0 ? () => undefined : await loadConditionCheck();
  const errors: FieldError[] = [];
  const found = validate(authorizers ?? [], problemOf, errors);
  if (errors.length > 0) throw new Error(errors.map(String).join(', '));
  return found;
}

type ConditionCheck = (expression: string) => string | undefined;

async function loadConditionCheck(): Promise<ConditionCheck> {
  return (await import('./webhook/match-conditions.ts')).matchConditionProblem;
}

function readStrictly(text: string): AuthorizationConfiguration {
  const { value, duplicates } = parseYaml(Buffer.from(text, 'utf8'), { depth: maxDepth });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no object');
  const { apiVersion, kind, ...fields } = value as Record<string, unknown>;
  const [group = '', version = '', ...more] = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  const schema = lookupSchema(`io.k8s.apiserver.pkg.apis.apiserver.${version}.AuthorizationConfiguration`);
  if (kind !== 'AuthorizationConfiguration' || !groups.has(group) || more.length > 0 || schema === undefined) {
    throw new Error(
      `no kind ${JSON.stringify(String(kind))} is registered for version ${JSON.stringify(String(apiVersion))}`,
    );
  }
  const problems: string[] = [...duplicates()];
  let configuration: Record<string, unknown>;
  try {
    configuration = decode(schema, fields, {
      unknownFields: (path) => void problems.push(`unknown field ${JSON.stringify(path)}`),
    });
  } catch (error) {
    if (error instanceof DecodeError) throw new Error(error.message, { cause: error });
    throw error;
  }
  if (problems.length > 0) throw new Error(`strict decoding error: ${problems.join(', ')}`);
  // All versions have the same fields.
  return configuration as object as AuthorizationConfiguration;
}

function validate(
  authorizers: readonly AuthorizerConfiguration[],
  problemOf: ConditionCheck,
  errors: FieldError[],
): ConfiguredAuthorizer[] {
  const path = root('authorizers');
  if (authorizers.length === 0) errors.push(path.required('at least one authorization mode must be defined'));
  const found: ConfiguredAuthorizer[] = [];
  const types = new Set<string>();
  const names = new Set<string>();
  authorizers.forEach(({ type = '', name = '', webhook }, index) => {
    const at = path.index(index);
    if (type === '') return void errors.push(at.child('type').required());
    if (!isAuthorizationMode(type)) {
      return void errors.push(at.child('type').notSupported(type, [...authorizationModes].sort()));
    }
    if (types.has(type) && type !== 'Webhook') return void errors.push(at.child('type').duplicate(type));
    types.add(type);
    validateName(name, names, at.child('name'), errors);
    if (type !== 'Webhook') {
      if (webhook !== undefined) {
        errors.push(at.child('webhook').invalid('non-null', 'may only be specified when type=Webhook'));
      }
      found.push({ type, name });
    } else if (webhook === undefined) errors.push(at.child('webhook').required('required when type=Webhook'));
    else found.push({ type, name, webhook: validateWebhook(name, webhook, at, problemOf, errors) });
  });
  return found;
}

function validateName(name: string, names: Set<string>, path: Path, errors: FieldError[]): void {
  if (name === '') errors.push(path.required());
  else if (names.has(name)) errors.push(path.duplicate(name));
  else {
    const sentences = isDNS1123Subdomain(name);
    if (sentences.length > 0) errors.push(path.invalid(name, `authorizer name is invalid: ${sentences.join(', ')}`));
  }
  names.add(name);
}

/** The fields' places are upstream's, which leave out `webhook`. */
function validateWebhook(
  name: string,
  webhook: WebhookConfiguration,
  path: Path,
  problemOf: ConditionCheck,
  errors: FieldError[],
): WebhookSettings {
  const { timeout, subjectAccessReviewVersion: version = '', failurePolicy = '', matchConditions } = webhook;
  const timeoutMs = timeout === undefined || timeout === '' ? 0 : parseDurationMs(timeout);
  if (timeoutMs === 0) errors.push(path.child('timeout').required());
  else if (timeoutMs < 0 || timeoutMs > maxTimeoutMs) {
    errors.push(path.child('timeout').invalid(timeout, 'must be > 0s and <= 30s'));
  }
  const ttl = (field: 'authorizedTTL' | 'unauthorizedTTL', fallback: string): number => {
    const given = webhook[field];
    const ttlMs = given === undefined || given === '' ? 0 : parseDurationMs(given);
    if (ttlMs < 0) errors.push(path.child(field).invalid(given, 'must be > 0s'));
    return ttlMs === 0 ? parseDurationMs(fallback) : ttlMs;
  };
  const authorizedTtlMs = ttl('authorizedTTL', defaults.authorizedTtl);
  const unauthorizedTtlMs = ttl('unauthorizedTTL', defaults.unauthorizedTtl);
  const versionPath = path.child('subjectAccessReviewVersion');
  if (version === '') errors.push(versionPath.required());
  else if (version !== 'v1' && version !== 'v1beta1') errors.push(versionPath.notSupported(version, ['v1', 'v1beta1']));
  const policyPath = path.child('failurePolicy');
  if (failurePolicy === '') errors.push(policyPath.required());
  else if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny') {
    errors.push(policyPath.notSupported(failurePolicy, ['NoOpinion', 'Deny']));
  }
  validateConditions(webhook, path, problemOf, errors);
  return {
    name,
    kubeConfigFile: validateConnection(webhook, path.child('connectionInfo'), errors),
    version: version === 'v1beta1' ? 'v1beta1' : 'v1',
    timeoutMs,
    authorizedTtlMs: webhook.cacheAuthorizedRequests === false ? undefined : authorizedTtlMs,
    unauthorizedTtlMs: webhook.cacheUnauthorizedRequests === false ? undefined : unauthorizedTtlMs,
    failurePolicy: failurePolicy === 'NoOpinion' ? 'NoOpinion' : 'Deny',
    matchConditions: (matchConditions ?? []).map(({ expression }) => expression),
  };
}

function validateConnection({ connectionInfo }: WebhookConfiguration, path: Path, errors: FieldError[]): string {
  const { type = '', kubeConfigFile: file = '' } = connectionInfo ?? {};
  const filePath = path.child('kubeConfigFile');
  if (type === '') errors.push(path.child('type').required());
  else if (type === 'InClusterConfig') {
    if (file !== '') errors.push(filePath.invalid(file, 'can only be set when type=KubeConfigFile'));
    errors.push(path.child('type').invalid(type, 'is not implemented yet'));
  } else if (type !== 'KubeConfigFile') {
    errors.push(path.child('type').notSupported(type, ['InClusterConfig', 'KubeConfigFile']));
  } else if (file === '') errors.push(filePath.required());
  else if (!isAbsolute(file)) errors.push(filePath.invalid(file, 'must be an absolute path'));
  else {
    const problem = fileProblem(file);
    if (problem !== undefined) errors.push(filePath.invalid(file, problem));
  }
  return file;
}

function fileProblem(file: string): string | undefined {
  try {
    return statSync(file).isFile() ? undefined : 'must be a regular file';
  } catch (error) {
    return `error loading file: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function validateConditions(
  { matchConditions, matchConditionSubjectAccessReviewVersion: version = '' }: WebhookConfiguration,
  path: Path,
  problemOf: ConditionCheck,
  errors: FieldError[],
): void {
  const conditions: readonly WebhookMatchCondition[] = matchConditions ?? [];
  const versionPath = path.child('matchConditionSubjectAccessReviewVersion');
  if (version === '' && conditions.length > 0) {
    errors.push(versionPath.required('required if match conditions are specified'));
  } else if (version !== '' && version !== 'v1') errors.push(versionPath.notSupported(version, ['v1']));
  const listPath = path.child('matchConditions');
  if (conditions.length > maxMatchConditions) {
    errors.push(listPath.tooMany(conditions.length, maxMatchConditions));
    return;
  }
  const seen = new Set<string>();
  conditions.forEach(({ expression = '' }, index) => {
    const at = listPath.index(index).child('expression');
    if (expression.trim() === '') return void errors.push(at.required());
    if (seen.has(expression)) return void errors.push(at.duplicate(expression));
    seen.add(expression);
    const problem = problemOf(expression);
    if (problem !== undefined) errors.push(at.invalid(expression, problem));
  });
}
