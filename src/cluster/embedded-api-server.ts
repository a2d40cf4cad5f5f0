import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserInfo } from '../api/contract.ts';
import { assembleApiServer, type AssembledServer } from '../apiserver/assemble.ts';
import { parseApiServerOptions } from '../apiserver/options/options.ts';
import { Client } from '../client/client.ts';
import type { Transport } from '../client/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import { openMemoryStore } from '../store/memory/index.ts';
import { InProcessTransport } from './in-process-transport.ts';

export interface EmbeddedApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Flags of kube-apiserver, besides those for directories and addresses. */
  readonly flags?: readonly string[];
  /** 0: any free port. */
  readonly securePort?: number;
  /** Where the kubeconfig is written. Default: in a directory that goes with the server. */
  readonly kubeconfig?: string;
}

const columns = 100;

/** PEM of what the API server made at its start and the controllers work with. */
export interface ClusterKeys {
  readonly rootCA: string;
  readonly rootKey: string;
  /** Signs tokens of service accounts. */
  readonly serviceAccountKey: string;
}

async function readKeys(directory: string): Promise<ClusterKeys> {
  const [rootCA = '', rootKey = '', serviceAccountKey = ''] = await Promise.all(
    ['ca.crt', 'ca.key', 'sa.key'].map((name) => readFile(join(directory, name), 'utf8')),
  );
  return { rootCA, rootKey, serviceAccountKey };
}

/** An API server in the caller's process that keeps everything in memory, and forgets it when it is closed. */
export class EmbeddedApiServer {
  readonly kubeconfig: string;
  /** PEM of the authority that its clients trust, and what the controllers sign with. */
  readonly keys: ClusterKeys;
  readonly #server: AssembledServer;
  readonly #directory: string;
  readonly #transports = new Set<InProcessTransport>();

  private constructor(server: AssembledServer, directory: string, kubeconfig: string, keys: ClusterKeys) {
    this.keys = keys;
    this.#server = server;
    this.#directory = directory;
    this.kubeconfig = kubeconfig;
  }

  /** Resolves when it is ready. Rejects as `assembleApiServer` does, leaving nothing behind. */
  static async start(options: EmbeddedApiServerOptions): Promise<EmbeddedApiServer> {
    const { clock, random, log, flags = [], securePort = 0 } = options;
    const directory = await mkdtemp(join(tmpdir(), 'kubets-'));
    try {
      const kubeconfig = options.kubeconfig ?? join(directory, 'kubeconfig');
      const line = parseApiServerOptions(
        [
          `--data-dir=${directory}`,
          '--bind-address=127.0.0.1',
          `--secure-port=${securePort}`,
          `--write-kubeconfig=${kubeconfig}`,
          ...flags,
        ],
        columns,
      );
      if (line.action !== 'run') throw new Error(`these flags start no server: ${flags.join(' ')}`);
      const server = await assembleApiServer(line.options, {
        clock,
        random,
        log,
        onFailure: (error) => log.error('The API server cannot go on', error),
        openStore: () => openMemoryStore({ clock }),
      });
      return new EmbeddedApiServer(server, directory, kubeconfig, await readKeys(join(directory, 'pki')));
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.#server.url;
  }

  /** A client in the name of a user of the cluster; no credentials are needed within the process. */
  clientAs(
    user: UserInfo,
    userAgent: string,
    wrap: (transport: Transport) => Transport = (transport) => transport,
  ): Client {
    const transport = new InProcessTransport(this.#server, user);
    this.#transports.add(transport);
    return Client.over(wrap(transport), { userAgent });
  }

  /** Whether no client of the process waits for an answer or has something left to read. */
  get isIdle(): boolean {
    for (const transport of this.#transports) if (!transport.isIdle) return false;
    return true;
  }

  async close(): Promise<void> {
    for (const transport of this.#transports) transport.close();
    await this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
