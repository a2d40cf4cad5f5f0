/** The contents of ConfigMaps and Secrets. */
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isConfigMapKey } from '../../../machinery/names.ts';
import type { ConfigMap, Secret } from '../../types/core.v1.ts';
import { validateImmutableData } from '../immutable-data.ts';

/** All values of one object together: upstream's MaxSecretSize. */
const maxDataBytes = 1024 * 1024;

const dataPath = root('data');
const binaryDataPath = root('binaryData');

/** Object.entries would make a pair for each of perhaps thousands of keys. */
function keysOf(map: object | undefined | null): string[] {
  return map ? Object.keys(map) : [];
}

/** The bytes that base64 stands for. */
function decodedBytes(base64: string | null | undefined): number {
  return base64 ? Buffer.byteLength(base64, 'base64') : 0;
}

function validateKey(key: string, path: Path, errors: FieldError[]): void {
  for (const sentence of isConfigMapKey(key)) errors.push(path.key(key).invalid(key, sentence));
}

export function validateConfigMap({ data, binaryData }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key of keysOf(data)) {
    validateKey(key, dataPath, errors);
    if (binaryData && Object.hasOwn(binaryData, key)) {
      errors.push(dataPath.key(key).invalid(key, 'duplicate of key present in binaryData'));
    }
    bytes += Buffer.byteLength(data?.[key] ?? '');
  }
  for (const key of keysOf(binaryData)) {
    validateKey(key, binaryDataPath, errors);
    bytes += decodedBytes(binaryData?.[key]);
  }
  // The path without a name stands for the whole object, as upstream prints it.
  if (bytes > maxDataBytes) errors.push(root('[]').tooLong('', maxDataBytes));
  return errors;
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  return [...validateImmutableData(configMap, old, ['data', 'binaryData']), ...validateConfigMap(configMap)];
}

const redacted = '<secret contents redacted>';
const serviceAccountName = 'kubernetes.io/service-account.name';

export function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key of keysOf(secret.data)) {
    validateKey(key, dataPath, errors);
    bytes += decodedBytes(secret.data?.[key]);
  }
  if (bytes > maxDataBytes) errors.push(dataPath.tooLong('', maxDataBytes));
  validateKeysOfType(secret, errors);
  return errors;
}

function validateKeysOfType(secret: Secret, errors: FieldError[]): void {
  const has = (key: string): boolean => secret.data !== undefined && Object.hasOwn(secret.data, key);
  const require = (...keys: string[]): void => {
    for (const key of keys) if (!has(key)) errors.push(dataPath.key(key).required());
  };
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if (!secret.metadata?.annotations?.[serviceAccountName]) {
        errors.push(root('metadata').child('annotations').key(serviceAccountName).required());
      }
      return;
    case 'kubernetes.io/dockercfg':
      validateJsonObject(secret, '.dockercfg', errors);
      return;
    case 'kubernetes.io/dockerconfigjson':
      validateJsonObject(secret, '.dockerconfigjson', errors);
      return;
    case 'kubernetes.io/basic-auth':
      if (!has('username') && !has('password')) require('username', 'password');
      return;
    case 'kubernetes.io/ssh-auth':
      if (decodedBytes(secret.data?.['ssh-privatekey']) === 0) {
        errors.push(dataPath.key('ssh-privatekey').required());
      }
      return;
    case 'kubernetes.io/tls':
      require('tls.crt', 'tls.key');
      return;
    default:
  }
}

function validateJsonObject({ data }: Secret, key: string, errors: FieldError[]): void {
  const path = dataPath.key(key);
  if (!data || !Object.hasOwn(data, key)) {
    errors.push(path.required());
    return;
  }
  const reason = whyNoJsonObject(Buffer.from(data[key] ?? '', 'base64').toString('utf8'));
  if (reason !== undefined) errors.push(path.invalid(redacted, reason));
}

/** What keeps Go from reading a text as an object; undefined when nothing does. */
function whyNoJsonObject(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return jsonSyntaxError(text);
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

/** Go's sentence for the most common mistakes; for others one that says as much. */
function jsonSyntaxError(text: string): string {
  const first = text.trimStart().charAt(0);
  if (!'{["-0123456789tfn'.includes(first)) {
    return `invalid character ${first === "'" ? String.raw`'\''` : `'${first}'`} looking for beginning of value`;
  }
  return isCutShort(text) ? 'unexpected end of JSON input' : 'invalid JSON';
}

/** Whether brackets or a string are still open at the end. */
function isCutShort(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (isInString) {
      if (character === '\\') index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return isInString || depth > 0;
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (secret.type !== old.type) errors.push(root('type').invalid(secret.type, 'field is immutable'));
  return [...errors, ...validateImmutableData(secret, old, ['data']), ...validateSecret(secret)];
}
