/** Makes transformers of a configuration. */
import type {
  EncryptionConfiguration,
  Key,
  KMSConfiguration,
  ResourceConfiguration,
} from '../../api/types/apiserver-config.v1.ts';
import { AesCbc, AesGcm } from './aes.ts';
import type { ValueTransformer } from './contract.ts';
import { groupResourceText, parseGroupResource } from './group-resource.ts';
import { identity } from './identity.ts';
import type { KmsProvider } from './kms/kms-provider.ts';
import { Transformers, type TransformationObserver } from './transformers.ts';
import { kmsV1Refusal, kmsVersionOf } from './validation.ts';

/** The transformers of a configuration, by resource. */
export interface Providers {
  of(group: string, resource: string): Transformers;
  readonly kms: readonly KmsProvider[];
  /** Ends what it keeps up. */
  close(): void;
}

export interface ProviderOptions {
  readonly observe: TransformationObserver;
  /** Resolves when the plugin has been asked for the first time, whatever it said. */
  openKms(configuration: KMSConfiguration): Promise<KmsProvider>;
}

/** Rejects when the configuration asks for what cannot be. It has been found valid. */
export async function createProviders(
  { resources }: EncryptionConfiguration,
  { observe, openKms }: ProviderOptions,
): Promise<Providers> {
  const lists = new Map<string, ValueTransformer[]>();
  const kms: KmsProvider[] = [];
  const close = (): void => {
    for (const provider of kms) provider.close();
  };
  try {
    for (const configuration of resources ?? []) {
      const transformers = await transformersOf(configuration, async (one) => {
        const provider = await openKms(one);
        kms.push(provider);
        return provider;
      });
      for (const name of configuration.resources ?? []) {
        const one = parseGroupResource(name);
        for (const mask of [groupResourceText({ group: one.group, resource: '*' }), '*.*']) {
          if (!lists.has(mask)) continue;
          const [masked, by] = [groupResourceText(one), mask].map((text) => JSON.stringify(text));
          throw new Error(`resource ${masked} is masked by earlier rule ${by}`);
        }
        const key = groupResourceText(one);
        lists.set(key, [...(lists.get(key) ?? []), ...transformers]);
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  const all = new Map([...lists].map(([key, list]) => [key, new Transformers(list, observe)]));
  const plain = new Transformers([identity], observe);
  return {
    of: (group, resource) =>
      all.get(groupResourceText({ group, resource })) ??
      all.get(groupResourceText({ group, resource: '*' })) ??
      all.get('*.*') ??
      plain,
    kms,
    close,
  };
}

async function transformersOf(
  { providers }: ResourceConfiguration,
  openKms: (configuration: KMSConfiguration) => Promise<KmsProvider>,
): Promise<ValueTransformer[]> {
  const found: ValueTransformer[] = [];
  for (const { aescbc, aesgcm, secretbox, kms } of providers ?? []) {
    if (aesgcm !== undefined) found.push(...withKeys('aesgcm', aesgcm.keys, AesGcm));
    else if (aescbc !== undefined) found.push(...withKeys('aescbc', aescbc.keys, AesCbc));
    else if (secretbox !== undefined) {
      const { Secretbox } = await import('./secretbox.ts');
      found.push(...withKeys('secretbox', secretbox.keys, Secretbox));
    } else if (kms === undefined) found.push(identity);
    else if (kmsVersionOf(kms) === 'v2') found.push(await openKms(kms));
    else throw new Error(kmsV1Refusal);
  }
  return found;
}

type WithKey = new (prefix: Buffer, key: Buffer) => ValueTransformer;

function withKeys(name: string, keys: readonly Key[] | null, Transformer: WithKey): ValueTransformer[] {
  return (keys ?? []).map(
    (key) => new Transformer(Buffer.from(`k8s:enc:${name}:v1:${key.name}:`), Buffer.from(key.secret, 'base64')),
  );
}
