/** `--admission-control-config-file`: an `AdmissionConfiguration` (apiserver.config.k8s.io/v1). */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { decode } from '../../api/schema/decode.ts';
import { lookupType, type ObjectSchema } from '../../api/schema/schema.ts';
import type { AdmissionPluginConfiguration } from '../../api/types/apiserver-config.v1.ts';
import { limits } from '../contract.ts';
import { unusable } from './plugin-names.ts';
import { SetupError } from '../setup-error.ts';

const configGroup = 'apiserver.config.k8s.io';

/** What a configuration document has to be. */
export interface ConfigurationKind {
  /** All that mean the same. */
  readonly apiVersions: readonly string[];
  readonly kind: string;
  readonly schema: ObjectSchema;
}

/** What each plugin is configured with. */
export class AdmissionConfiguration {
  static readonly empty = new AdmissionConfiguration(new Map());
  readonly #plugins: ReadonlyMap<string, unknown>;

  constructor(plugins: ReadonlyMap<string, unknown>) {
    this.#plugins = plugins;
  }

  /** Reads the file, and the files of plugins that it names. Rejects with SetupError. */
  static async load(path: string): Promise<AdmissionConfiguration> {
    const { plugins } = decodeConfiguration(await readYaml(path), path, {
      apiVersions: [`${configGroup}/v1`, 'apiserver.k8s.io/v1alpha1'],
      kind: 'AdmissionConfiguration',
      schema: configurationSchema('AdmissionConfiguration'),
    });
    const found = new Map<string, unknown>();
    for (const plugin of (plugins ?? []) as readonly AdmissionPluginConfiguration[]) {
      const { name, path: own = '', configuration } = plugin;
      const why = unusable(name);
      if (why !== undefined) throw new SetupError(`${path}: the plugin ${JSON.stringify(name)} ${why}`);
      if (found.has(name)) throw new SetupError(`${path}: the plugin ${name} is configured twice`);
      if (configuration !== undefined && configuration !== null) found.set(name, configuration);
      else if (own !== '') found.set(name, await readYaml(resolve(dirname(path), own)));
    }
    return new AdmissionConfiguration(found);
  }

  /** A plugin's own document, parsed and not checked; undefined when it has none. */
  of(plugin: string): unknown {
    return this.#plugins.get(plugin);
  }

  /** A plugin's own document, strictly decoded; undefined when it has none. Throws SetupError. */
  decoded(plugin: string, kind: ConfigurationKind): Record<string, unknown> | undefined {
    const value = this.of(plugin);
    return value === undefined ? undefined : decodeConfiguration(value, `the configuration of ${plugin}`, kind);
  }
}

/** The schema of a kind of the API server's configuration group. */
export function configurationSchema(kind: string): ObjectSchema {
  const schema = lookupType(configGroup, 'v1', kind);
  if (schema === undefined) throw new Error(`no schema for ${kind}`);
  return schema;
}

function decodeConfiguration(value: unknown, where: string, expected: ConfigurationKind): Record<string, unknown> {
  const { apiVersion, kind } = (value ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (kind !== expected.kind || !expected.apiVersions.some((one) => one === apiVersion)) {
    throw new SetupError(
      `${where}: no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}: ` +
        `it must be ${expected.kind} of ${expected.apiVersions.join(' or ')}`,
    );
  }
  const unknown: string[] = [];
  try {
    const decoded = decode(expected.schema, value, { unknownFields: (field) => void unknown.push(field) });
    if (unknown.length === 0) return decoded;
  } catch (error) {
    throw new SetupError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new SetupError(
    `${where}: strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(', ')}`,
  );
}

async function readYaml(path: string): Promise<unknown> {
  try {
    const [{ parseYaml }, bytes] = await Promise.all([import('../../api/schema/yaml.ts'), readFile(path)]);
    return parseYaml(bytes, { depth: limits.depth }).value;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`unable to read admission control configuration from ${JSON.stringify(path)} [${reason}]`, {
      cause: error,
    });
  }
}
