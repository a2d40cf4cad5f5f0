import type { Clock } from '../../../machinery/clock.ts';
import type { Random } from '../../../machinery/random.ts';
import { podUidLabel, RuntimeError } from '../../contract.ts';
import type {
  AuthConfig,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ExecOptions,
  ExecStreams,
  ExecSyncResponse,
  ImageSpec,
  LogLine,
  LogOptions,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStatus,
  Runtime,
  RuntimeContainer,
  RuntimeContainerStatus,
  RuntimeImage,
  RuntimeStatus,
  StringMap,
  VersionResponse,
} from '../../contract.ts';
import { AddressPool } from './addresses.ts';
import { nanosecondsOf, SimulatedContainer } from './container.ts';
import { SimulatedImages } from './images.ts';
import { SimulatedSandbox } from './sandbox.ts';
import { imageScriptOf, scriptOf, type ContainerScript, type ExecScript, type ScriptHooks } from './script.ts';

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** `10.244.3.0/24`. Without one there is no network until the kubelet is told its node's. */
  readonly podCIDR?: string;
  readonly scripts?: ScriptHooks;
}

const version: VersionResponse = {
  version: '0.1.0',
  runtimeName: 'simulated',
  runtimeVersion: '1.0.0',
  runtimeApiVersion: 'v1',
};
const idBytes = 32;
const encoder = new TextEncoder();

/** A container runtime without containers: they do what their scripts say. In memory, driven by the clock alone. */
export class SimulatedRuntime implements Runtime {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #hooks: ScriptHooks | undefined;
  readonly #images: SimulatedImages;
  readonly #sandboxes = new Map<string, SimulatedSandbox>();
  readonly #sandboxesByUid = new Map<string, Set<SimulatedSandbox>>();
  readonly #containers = new Map<string, SimulatedContainer>();
  readonly #listeners = new Set<(podUid: string) => void>();
  #addresses: AddressPool | undefined;
  #podCIDR: string | undefined;

  constructor({ clock, random, podCIDR, scripts }: SimulatedRuntimeOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#hooks = scripts;
    this.#images = new SimulatedImages(clock);
    if (podCIDR !== undefined) this.#setNetwork(podCIDR);
  }

  async version(): Promise<VersionResponse> {
    return version;
  }

  async status(): Promise<RuntimeStatus> {
    const hasNetwork = this.#addresses !== undefined;
    return {
      conditions: [
        { type: 'RuntimeReady', status: true, reason: '', message: '' },
        {
          type: 'NetworkReady',
          status: hasNetwork,
          reason: hasNetwork ? '' : 'NetworkPluginNotReady',
          message: hasNetwork ? '' : 'the node has no pod network yet',
        },
      ],
    };
  }

  async updateRuntimeConfig({ networkConfig: { podCidr } }: { networkConfig: { podCidr: string } }): Promise<void> {
    this.#setNetwork(podCidr);
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    const onHost = config.linux.securityContext.namespaceOptions.network === 'NODE';
    const address = onHost ? undefined : this.#addresses?.take();
    if (!onHost && address === undefined) {
      const why = this.#addresses === undefined ? 'there is no pod network yet' : 'no IP addresses available in range';
      throw new RuntimeError('Unknown', `failed to setup network for sandbox: ${why}`);
    }
    const sandbox = new SimulatedSandbox(this.#newId(), config, runtimeHandler, address, this.#clock.now());
    this.#sandboxes.set(sandbox.id, sandbox);
    const { uid } = config.metadata;
    const ofPod = this.#sandboxesByUid.get(uid);
    if (ofPod === undefined) this.#sandboxesByUid.set(uid, new Set([sandbox]));
    else ofPod.add(sandbox);
    this.#tell(uid);
    return sandbox.id;
  }

  async stopPodSandbox(podSandboxId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(podSandboxId);
    if (sandbox === undefined || !sandbox.isReady) return;
    for (const container of sandbox.containers) container.kill();
    sandbox.stop();
    this.#tell(sandbox.uid);
  }

  async removePodSandbox(podSandboxId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(podSandboxId);
    if (sandbox === undefined) return;
    await this.stopPodSandbox(podSandboxId);
    for (const { id } of sandbox.containers) this.#containers.delete(id);
    this.#sandboxes.delete(podSandboxId);
    const ofPod = this.#sandboxesByUid.get(sandbox.uid);
    ofPod?.delete(sandbox);
    if (ofPod?.size === 0) this.#sandboxesByUid.delete(sandbox.uid);
    this.#tell(sandbox.uid);
  }

  async podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatus> {
    return this.#sandbox(podSandboxId).status();
  }

  async listPodSandbox({ id, state, labelSelector }: PodSandboxFilter): Promise<readonly PodSandboxStatus[]> {
    const found: PodSandboxStatus[] = [];
    for (const sandbox of this.#sandboxesWith(labelSelector)) {
      const status = sandbox.status();
      if ((id === undefined || status.id === id) && (state === undefined || status.state === state)) found.push(status);
    }
    return found;
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    { metadata }: PodSandboxConfig,
  ): Promise<string> {
    const sandbox = this.#sandbox(podSandboxId);
    if (!sandbox.isReady) throw new RuntimeError('FailedPrecondition', `sandbox ${podSandboxId} is not running`);
    const image = this.#images.get(config.image.userSpecifiedImage);
    if (image === undefined) {
      throw new RuntimeError('NotFound', `failed to resolve image ${JSON.stringify(config.image.image)}: not found`);
    }
    const script = this.#scriptOf(sandbox.config, config.metadata.name, config.image.userSpecifiedImage);
    const identity = { id: this.#newId(), podSandboxId, podUid: metadata.uid, imageRef: image.id };
    const container = new SimulatedContainer(identity, config, script, this.#clock, () => this.#tell(metadata.uid));
    this.#containers.set(container.id, container);
    sandbox.containers.add(container);
    return container.id;
  }

  startContainer(containerId: string, signal?: AbortSignal): Promise<void> {
    return this.#container(containerId).start(signal);
  }

  async stopContainer(containerId: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    await this.#containers.get(containerId)?.stop(timeoutSeconds, signal);
  }

  async removeContainer(containerId: string): Promise<void> {
    const container = this.#containers.get(containerId);
    if (container === undefined) return;
    container.kill();
    this.#containers.delete(containerId);
    this.#sandboxes.get(container.podSandboxId)?.containers.delete(container);
    this.#tell(container.podUid);
  }

  async listContainers(filter: ContainerFilter): Promise<readonly RuntimeContainer[]> {
    return this.#containersWith(filter).map((container) => container.summary());
  }

  async containerStatus(containerId: string): Promise<RuntimeContainerStatus> {
    return this.#container(containerId).status();
  }

  async execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    signal?: AbortSignal,
  ): Promise<ExecSyncResponse> {
    const { stdout = '', stderr = '', exitCode = 0, takesMs = 0 } = this.#execScript(containerId, cmd);
    const isTooLong = timeoutSeconds > 0 && takesMs > timeoutSeconds * 1000;
    const waitMs = isTooLong ? timeoutSeconds * 1000 : takesMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
    if (isTooLong) {
      throw new RuntimeError(
        'DeadlineExceeded',
        `command ${JSON.stringify(cmd.join(' '))} timed out: timeout ${timeoutSeconds}s exceeded`,
      );
    }
    return { stdout: encoder.encode(stdout), stderr: encoder.encode(stderr), exitCode };
  }

  async listContainerStats(filter: ContainerFilter): Promise<readonly ContainerStats[]> {
    const timestamp = nanosecondsOf(this.#clock.now());
    return this.#containersWith(filter)
      .filter(({ isRunning }) => isRunning)
      .map(({ id, config: { metadata, labels, annotations } }) => ({
        attributes: { id, metadata, labels, annotations },
        // Nothing runs, so nothing is used.
        cpu: { timestamp, usageCoreNanoSeconds: 0n, usageNanoCores: 0n },
        memory: { timestamp, workingSetBytes: 0n, usageBytes: 0n },
      }));
  }

  async exec(containerId: string, { cmd }: ExecOptions, streams: ExecStreams, signal?: AbortSignal): Promise<number> {
    const { stdout, stderr, exitCode } = await this.execSync(containerId, cmd, 0, signal);
    if (stdout.length > 0) streams.stdout(stdout);
    if (stderr.length > 0) streams.stderr(stderr);
    return exitCode;
  }

  async *logs(containerId: string, options: LogOptions, signal?: AbortSignal): AsyncGenerator<LogLine> {
    const container = this.#container(containerId);
    const { follow = false, tailLines, sinceMs } = options;
    const fromNs = sinceMs === undefined ? 0n : nanosecondsOf(sinceMs);
    let seen = container.logs().length;
    const first = container.logs().filter(({ timestamp }) => timestamp >= fromNs);
    yield* tailLines === undefined ? first : first.slice(Math.max(0, first.length - tailLines));
    if (!follow) return;
    for (let nextMs = container.nextLogInMs(); nextMs !== undefined; nextMs = container.nextLogInMs()) {
      await this.#clock.sleep(nextMs, signal);
      const all = container.logs();
      yield* all.slice(seen);
      seen = all.length;
    }
  }

  onPodChange(listener: (podUid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async listImages(): Promise<readonly RuntimeImage[]> {
    return this.#images.list();
  }

  async imageStatus({ userSpecifiedImage }: ImageSpec): Promise<RuntimeImage | undefined> {
    return this.#images.get(userSpecifiedImage);
  }

  async pullImage(
    image: ImageSpec,
    _auth: AuthConfig | undefined,
    { annotations }: PodSandboxConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#images.pull(image, imageScriptOf(image.userSpecifiedImage, annotations, this.#hooks), signal);
  }

  async removeImage({ userSpecifiedImage }: ImageSpec): Promise<void> {
    this.#images.remove(userSpecifiedImage);
  }

  /** A container that is there, for who answers its probes. */
  find(containerId: string): SimulatedContainer | undefined {
    return this.#containers.get(containerId);
  }

  /** The machine loses its power: everything ends at once, and nobody is told. */
  powerOff(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const sandbox of this.#sandboxes.values()) {
      for (const container of sandbox.containers) container.kill();
      sandbox.stop();
    }
    for (const listener of listeners) this.#listeners.add(listener);
  }

  #setNetwork(podCIDR: string): void {
    if (podCIDR === this.#podCIDR) return;
    this.#addresses = new AddressPool(podCIDR);
    this.#podCIDR = podCIDR;
  }

  #newId(): string {
    return Buffer.from(this.#random.bytes(idBytes)).toString('hex');
  }

  #tell(podUid: string): void {
    for (const listener of this.#listeners) listener(podUid);
  }

  #sandbox(id: string): SimulatedSandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) throw new RuntimeError('NotFound', `an error occurred when try to find sandbox: ${id}`);
    return sandbox;
  }

  #container(id: string): SimulatedContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw new RuntimeError('NotFound', `container ${JSON.stringify(id)} not found`);
    return container;
  }

  /** The kubelet asks by the Pod's uid, which is looked up. */
  *#sandboxesWith(labels: StringMap = {}): Generator<SimulatedSandbox> {
    const { [podUidLabel]: uid } = labels;
    const candidates = uid === undefined ? this.#sandboxes.values() : (this.#sandboxesByUid.get(uid) ?? []);
    for (const sandbox of candidates) if (hasLabels(sandbox.config.labels, labels)) yield sandbox;
  }

  #containersWith({ id, state, podSandboxId, labelSelector = {} }: ContainerFilter): SimulatedContainer[] {
    const { [podUidLabel]: uid } = labelSelector;
    const candidates =
      uid === undefined
        ? [...this.#containers.values()]
        : [...(this.#sandboxesByUid.get(uid) ?? [])].flatMap(({ containers }) => [...containers]);
    return candidates.filter(
      (container) =>
        (id === undefined || container.id === id) &&
        (state === undefined || container.state === state) &&
        (podSandboxId === undefined || container.podSandboxId === podSandboxId) &&
        hasLabels(container.config.labels, labelSelector),
    );
  }

  #scriptOf(
    { metadata: { namespace, name: pod }, annotations }: PodSandboxConfig,
    container: string,
    image: string,
  ): ContainerScript {
    try {
      return scriptOf({ namespace, pod, container, image, annotations }, this.#hooks);
    } catch (error) {
      throw new RuntimeError('InvalidArgument', error instanceof Error ? error.message : String(error), error);
    }
  }

  #execScript(containerId: string, cmd: readonly string[]): ExecScript {
    const container = this.#container(containerId);
    if (!container.isRunning) {
      throw new RuntimeError('FailedPrecondition', `container ${containerId} is in ${container.state} state`);
    }
    const matches = ({ cmd: wanted = [] }: ExecScript): boolean => wanted.every((word, index) => cmd[index] === word);
    return (container.script.exec ?? []).find(matches) ?? {};
  }
}

function hasLabels(labels: StringMap, wanted: StringMap): boolean {
  for (const name in wanted) if (labels[name] !== wanted[name]) return false;
  return true;
}
