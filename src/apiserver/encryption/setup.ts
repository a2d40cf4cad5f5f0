/** Puts encryption at rest together from its options. */
import { readFile } from 'node:fs/promises';
import type { ResourceCatalog } from '../../api/contract.ts';
import type { KMSConfiguration } from '../../api/types/apiserver-config.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import { parseDurationMs } from '../../machinery/duration.ts';
import { healthEndpoints, type HealthChecks } from '../../machinery/health-checks.ts';
import type { Logger } from '../../machinery/logging.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import type { Store } from '../../store/contract.ts';
import { FileWatch } from '../authentication/watched-file.ts';
import { SetupError } from '../setup-error.ts';
import { parseEncryptionConfiguration } from './configuration.ts';
import { EncryptedStore } from './encrypted-store.ts';
import { EncryptionMetrics } from './metrics.ts';
import { createProviders, type Providers } from './providers.ts';

export interface EncryptionOptions {
  readonly configFile: string;
  /** Whether the file is read again when it changes. */
  readonly automaticReload: boolean;
}

export interface EncryptionWorld {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly health: HealthChecks;
}

/** Upstream's default for one question to a plugin. */
const defaultTimeoutMs = 3000;

/** The store, encrypted as the configuration says. Rejects with SetupError. Ends with the store. */
export async function openEncryptedStore(options: EncryptionOptions, world: EncryptionWorld): Promise<EncryptedStore> {
  const { configFile, automaticReload } = options;
  const { store, catalog, clock, log, health } = world;
  const metrics = new EncryptionMetrics(world.metrics);
  const load = (text: string): Promise<Providers> =>
    createProviders(parseEncryptionConfiguration(text, configFile, automaticReload), {
      observe: metrics.observe,
      openKms: (configuration) => openKms(configuration, clock, log, () => metrics.cacheMisses.inc()),
    });
  let text: string;
  let providers: Providers;
  try {
    text = await readConfiguration(configFile);
    providers = await load(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`error while parsing file: ${reason}`, { cause: error });
  }
  let current = providers;
  const encrypted = new EncryptedStore({ store, catalog, providers });
  if (automaticReload) {
    // One check for all: how many plugins there are may change.
    health.add(healthEndpoints, 'kms-providers', () => checkKms(current));
    const watch = new FileWatch({ clock, log });
    watch.add(configFile, text, async (changed) => {
      try {
        const next = await load(changed);
        const [sick] = next.kms.flatMap(({ problem }) => problem ?? []);
        if (sick !== undefined) {
          next.close();
          throw new Error(sick);
        }
        encrypted.replaceProviders(next);
        current = next;
        metrics.reload(false);
      } catch (error) {
        metrics.reload(true);
        throw error;
      }
    });
    watch.start();
    encrypted.onStop = () => watch.stop();
  } else {
    for (const [index, provider] of providers.kms.entries()) {
      health.add(healthEndpoints, `kms-provider-${index}`, () => {
        if (provider.problem !== undefined) throw new Error(provider.problem);
      });
    }
  }
  return encrypted;
}

function checkKms({ kms }: Providers): void {
  const problems = kms.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new Error(problems.join(', '));
}

async function readConfiguration(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`error reading encryption provider configuration file ${JSON.stringify(path)}: ${reason}`, {
      cause: error,
    });
  }
}

async function openKms(
  { name, endpoint, timeout }: KMSConfiguration,
  clock: Clock,
  log: Logger,
  onCacheMiss: () => void,
): ReturnType<Parameters<typeof createProviders>[1]['openKms']> {
  const [{ KmsProvider }, { openKmsService }] = await Promise.all([
    import('./kms/kms-provider.ts'),
    import('./kms/service.ts'),
  ]);
  const timeoutMs = timeout === undefined ? defaultTimeoutMs : parseDurationMs(timeout);
  const service = openKmsService(endpoint, timeoutMs, clock);
  const provider = new KmsProvider({ name, service, clock, log, onCacheMiss });
  await provider.poll();
  return provider;
}
