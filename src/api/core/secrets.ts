import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineResource } from '../define.ts';
import type { Secret } from '../types/core.v1.ts';
import { validateSecret, validateSecretUpdate } from './validation/configuration-data.ts';

function setSecretDefaults(secret: Secret): void {
  if (!secret.type) secret.type = 'Opaque';
  foldStringData(secret);
}

/** `stringData` is for writing only: each of its texts becomes an entry of `data` and wins over the one there. */
function foldStringData(secret: Secret): void {
  const { stringData } = secret;
  delete secret.stringData;
  if (!stringData) return;
  const encoded = Object.entries(stringData).map(([key, text]): [string, string] => [
    key,
    Buffer.from(text, 'utf8').toString('base64'),
  ]);
  if (encoded.length > 0) secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
}

export const secrets = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  defaults: setSecretDefaults,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectableFields: { type: (secret) => secret.type ?? '' },
  columns: [
    nameColumn,
    column('Type', (secret) => secret.type ?? ''),
    column('Data', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn,
  ],
});
