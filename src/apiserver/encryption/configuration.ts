/** `--encryption-provider-config`: an EncryptionConfiguration (apiserver.config.k8s.io/v1). */
import { decode } from '../../api/schema/decode.ts';
import { lookupSchema } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/schema/yaml.ts';
import type { EncryptionConfiguration } from '../../api/types/apiserver-config.v1.ts';
import { validateEncryption } from './validation.ts';

const apiVersion = 'apiserver.config.k8s.io/v1';
const maxDepth = 50;

/**
 * Reads and checks a configuration. Throws an Error that says everything that is wrong with it, and nothing of its keys.
 * @param isReloaded Whether it may be replaced while the server runs.
 */
export function parseEncryptionConfiguration(text: string, path: string, isReloaded: boolean): EncryptionConfiguration {
  if (text === '') throw new Error(`encryption provider configuration file ${JSON.stringify(path)} is empty`);
  const { value, duplicates } = parseYaml(Buffer.from(text, 'utf8'), { depth: maxDepth });
  const { kind: givenKind, apiVersion: givenVersion, ...fields } = (value ?? {}) as Record<string, unknown>;
  if (givenKind !== 'EncryptionConfiguration' || givenVersion !== apiVersion) {
    const [kind, version] = [givenKind ?? '', givenVersion ?? ''].map((one) => JSON.stringify(one));
    throw new Error(
      `error decoding encryption provider configuration file ${JSON.stringify(path)}: ` +
        `no kind ${kind} is registered for version ${version}`,
    );
  }
  const schema = lookupSchema('io.k8s.apiserver.pkg.apis.apiserver.v1.EncryptionConfiguration');
  if (schema === undefined) throw new Error('no schema for EncryptionConfiguration');
  const problems = [...duplicates()];
  const configuration = decode(schema, fields, {
    unknownFields: (field) => void problems.push(`unknown field ${JSON.stringify(field)}`),
  }) as object as EncryptionConfiguration;
  if (problems.length > 0) {
    throw new Error(
      `error decoding encryption provider configuration file ${JSON.stringify(path)}: ` +
        `strict decoding error: ${problems.join(', ')}`,
    );
  }
  const errors = validateEncryption(configuration, isReloaded);
  if (errors.length === 1) throw new Error(String(errors[0]));
  if (errors.length > 1) throw new Error(`[${errors.join(', ')}]`);
  return configuration;
}
