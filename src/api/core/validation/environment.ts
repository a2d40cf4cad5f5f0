/** Environment variables of containers. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { asPrefix, isConfigMapKey, isDNS1123Subdomain, isRelaxedEnvVarName } from '../../../machinery/names.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../../types/core.v1.ts';
import {
  addInvalid,
  checkDNSLabel,
  checkDNSSubdomain,
  checkLocalNonReservedPath,
  listOf,
  type Maybe,
} from '../../field-rules.ts';
import { checkObjectField, checkResourceField, environmentFields } from './field-selectors.ts';

export function checkEnvironment(errors: FieldError[], path: Path, variables: Maybe<EnvVar>): void {
  for (const [index, variable] of listOf(variables).entries()) {
    const { name = '', value = '', valueFrom } = variable;
    if (name === '') errors.push(path.index(index).child('name').required());
    else {
      const sentences = isRelaxedEnvVarName(name);
      if (sentences.length > 0) addInvalid(errors, path.index(index).child('name'), name, sentences);
    }
    if (valueFrom) checkSource(errors, path.index(index).child('valueFrom'), valueFrom, value);
  }
}

function checkSource(errors: FieldError[], path: Path, source: EnvVarSource, value: string): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  let count = 0;
  if (fieldRef) {
    count++;
    checkObjectField(errors, path.child('fieldRef'), fieldRef, environmentFields);
  }
  if (resourceFieldRef) {
    count++;
    checkResourceField(errors, path.child('resourceFieldRef'), resourceFieldRef, false);
  }
  if (configMapKeyRef) {
    count++;
    checkKey(errors, path.child('configMapKeyRef'), configMapKeyRef);
  }
  if (secretKeyRef) {
    count++;
    checkKey(errors, path.child('secretKeyRef'), secretKeyRef);
  }
  if (fileKeyRef) {
    count++;
    checkFileKey(errors, path.child('fileKeyRef'), fileKeyRef);
  }
  if (count === 0) {
    const kinds = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(path.invalid('', `must specify one of: ${kinds}`));
  } else if (value !== '') errors.push(path.invalid('', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(path.invalid('', 'may not have more than one field specified at a time'));
}

function checkKey(errors: FieldError[], path: Path, { name = '', key = '' }: { name?: string; key?: string }): void {
  checkDNSSubdomain(errors, path.child('name'), name);
  if (key === '') errors.push(path.child('key').required());
  else addInvalid(errors, path.child('key'), key, isConfigMapKey(key));
}

function checkFileKey(errors: FieldError[], path: Path, selector: FileKeySelector): void {
  const { key = '', volumeName = '', path: file = '' } = selector;
  if (key === '') errors.push(path.child('key').required());
  else addInvalid(errors, path.child('key'), key, isRelaxedEnvVarName(key));
  if (volumeName === '') errors.push(path.child('volumeName').required());
  else checkDNSLabel(errors, path.child('volumeName'), volumeName);
  if (file === '') errors.push(path.child('path').required());
  else checkLocalNonReservedPath(errors, path.child('path'), file);
}

const subdomainPrefix = asPrefix(isDNS1123Subdomain);

export function checkEnvironmentSources(errors: FieldError[], path: Path, sources: Maybe<EnvFromSource>): void {
  for (const [index, { prefix = '', configMapRef, secretRef }] of listOf(sources).entries()) {
    const at = path.index(index);
    if (prefix !== '') addInvalid(errors, at.child('prefix'), prefix, isRelaxedEnvVarName(prefix));
    if (configMapRef) checkSourceName(errors, at.child('configMapRef', 'name'), configMapRef.name);
    if (secretRef) checkSourceName(errors, at.child('secretRef', 'name'), secretRef.name);
    if (!configMapRef && !secretRef) {
      errors.push(path.invalid('', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) {
      errors.push(path.invalid('', 'may not have more than one field specified at a time'));
    }
  }
}

function checkSourceName(errors: FieldError[], path: Path, name: string | undefined): void {
  if (!name) errors.push(path.required());
  else addInvalid(errors, path, name, subdomainPrefix(name));
}
