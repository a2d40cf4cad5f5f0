/** The plugin's configuration: `PodSecurityConfiguration` of `pod-security.admission.config.k8s.io/v1`. */
import { SetupError } from '../../../setup-error.ts';
import {
  levelRule,
  modes,
  parseLevel,
  parseVersion,
  versionRule,
  type LevelVersion,
  type Mode,
  type Policy,
} from './policy.ts';

export interface PodSecurityConfiguration {
  readonly defaults: Policy;
  readonly exemptions: {
    readonly usernames: ReadonlySet<string>;
    readonly namespaces: ReadonlySet<string>;
    readonly runtimeClasses: ReadonlySet<string>;
  };
}

const group = 'pod-security.admission.config.k8s.io';
const apiVersions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `${group}/${version}`);
const fields = new Set(['apiVersion', 'kind', 'defaults', 'exemptions']);
const defaultFields = new Set(modes.flatMap((mode) => [mode, `${mode}-version`]));
const exemptionFields = ['usernames', 'namespaces', 'runtimeClasses'] as const;

/** Reads a document; undefined stands for one without fields. Throws SetupError. */
export function readPodSecurityConfiguration(document: unknown): PodSecurityConfiguration {
  const value = objectOf(document ?? { apiVersion: apiVersions[0], kind: 'PodSecurityConfiguration' }, '');
  if (value['kind'] !== 'PodSecurityConfiguration' || !apiVersions.some((one) => one === value['apiVersion'])) {
    throw refused(`must be a PodSecurityConfiguration of ${apiVersions.join(' or ')}`);
  }
  refuseUnknown(value, fields, '');
  const defaults = objectOf(value['defaults'] ?? {}, 'defaults');
  refuseUnknown(defaults, defaultFields, 'defaults.');
  const exemptions = objectOf(value['exemptions'] ?? {}, 'exemptions');
  refuseUnknown(exemptions, new Set(exemptionFields), 'exemptions.');
  const [usernames, namespaces, runtimeClasses] = exemptionFields.map((field) => listOf(exemptions[field], field));
  return {
    defaults: {
      enforce: levelVersion(defaults, 'enforce'),
      audit: levelVersion(defaults, 'audit'),
      warn: levelVersion(defaults, 'warn'),
    },
    exemptions: {
      usernames: usernames ?? new Set(),
      namespaces: namespaces ?? new Set(),
      runtimeClasses: runtimeClasses ?? new Set(),
    },
  };
}

function refused(why: string): SetupError {
  return new SetupError(`the configuration of PodSecurity: ${why}`);
}

function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refused(`${path === '' ? 'it' : path} must be an object`);
}

function refuseUnknown(value: object, known: ReadonlySet<string>, path: string): void {
  const unknown = Object.keys(value).find((field) => !known.has(field));
  if (unknown !== undefined) throw refused(`strict decoding error: unknown field "${path}${unknown}"`);
}

function levelVersion(defaults: Readonly<Record<string, unknown>>, mode: Mode): LevelVersion {
  const [levelText, versionText] = [defaults[mode] ?? 'privileged', defaults[`${mode}-version`] ?? 'latest'];
  const level = parseLevel(String(levelText));
  const minor = parseVersion(String(versionText));
  if (level === undefined) throw refused(`defaults.${mode}: Invalid value: "${String(levelText)}": ${levelRule}`);
  if (minor === undefined) {
    throw refused(`defaults.${mode}-version: Invalid value: "${String(versionText)}": ${versionRule}`);
  }
  return { level, minor };
}

function listOf(value: unknown, field: string): ReadonlySet<string> {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    throw refused(`exemptions.${field} must be a list of strings`);
  }
  const texts = items.map((item, index) => {
    if (typeof item === 'string' && item !== '') return item;
    throw refused(`exemptions.${field}[${index}]: Invalid value: ${JSON.stringify(item)}: must not be empty`);
  });
  const duplicate = texts.find((text, index) => texts.indexOf(text) !== index);
  if (duplicate !== undefined) throw refused(`exemptions.${field}: Duplicate value: "${duplicate}"`);
  return new Set(texts);
}
