import type { PodSandboxConfig, PodSandboxStatus } from '../../contract.ts';
import { nanosecondsOf, type SimulatedContainer } from './container.ts';

export class SimulatedSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly containers = new Set<SimulatedContainer>();
  readonly #runtimeHandler: string;
  readonly #createdMs: number;
  #address: { readonly ip: string; release(): void } | undefined;
  #isReady = true;

  /** @param address Undefined: on the host's network. */
  constructor(
    id: string,
    config: PodSandboxConfig,
    runtimeHandler: string,
    address: { readonly ip: string; release(): void } | undefined,
    createdMs: number,
  ) {
    this.id = id;
    this.config = config;
    this.#runtimeHandler = runtimeHandler;
    this.#address = address;
    this.#createdMs = createdMs;
  }

  get uid(): string {
    return this.config.metadata.uid;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  stop(): void {
    this.#isReady = false;
    this.#address?.release();
    this.#address = undefined;
  }

  status(): PodSandboxStatus {
    const { metadata, labels, annotations, linux } = this.config;
    return {
      id: this.id,
      metadata,
      state: this.#isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: nanosecondsOf(this.#createdMs),
      ...(this.#address === undefined ? {} : { network: { ip: this.#address.ip, additionalIps: [] } }),
      linux: { namespaces: { options: linux.securityContext.namespaceOptions } },
      labels,
      annotations,
      runtimeHandler: this.#runtimeHandler,
    };
  }
}
