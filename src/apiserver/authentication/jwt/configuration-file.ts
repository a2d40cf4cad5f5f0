/** `--authentication-config`: an AuthenticationConfiguration (apiserver.config.k8s.io v1, v1beta1, v1alpha1). */
import { decode, DecodeError } from '../../../api/schema/decode.ts';
import { lookupSchema } from '../../../api/schema/schema.ts';
import { parseYaml } from '../../../api/schema/yaml.ts';
import type { AuthenticationConfiguration } from '../../../api/types/apiserver-config.v1.ts';

const groups: ReadonlySet<string> = new Set(['apiserver.config.k8s.io', 'apiserver.k8s.io']);
const maxDepth = 50;

/** Reads a configuration strictly. Throws an Error that says what is wrong. */
export function parseConfiguration(text: string): AuthenticationConfiguration {
  const { value, duplicates } = parseYaml(Buffer.from(text, 'utf8'), { depth: maxDepth });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no object');
  const { apiVersion, kind } = value as Record<string, unknown>;
  const [group = '', version = '', ...more] = typeof apiVersion === 'string' ? apiVersion.split('/') : [];
  const schema = lookupSchema(`io.k8s.apiserver.pkg.apis.apiserver.${version}.AuthenticationConfiguration`);
  if (kind !== 'AuthenticationConfiguration' || !groups.has(group) || more.length > 0 || schema === undefined) {
    throw new Error(
      `no kind ${JSON.stringify(String(kind))} is registered for version ${JSON.stringify(String(apiVersion))}`,
    );
  }
  const problems: string[] = [...duplicates()];
  const fields: Record<string, unknown> = { ...value };
  delete fields['apiVersion'];
  delete fields['kind'];
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
  return configuration as object as AuthenticationConfiguration;
}
