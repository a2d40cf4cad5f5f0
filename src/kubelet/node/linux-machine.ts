import { readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, networkInterfaces, release, totalmem } from 'node:os';
import type { NodeAddress, ResourceList, Taint } from '../../api/types/core.v1.ts';
import type { VersionResponse } from '../contract.ts';
import { gitVersion } from '../../machinery/version.ts';
import type { Machine } from './contract.ts';

export interface LinuxMachineOptions {
  readonly nodeName: string;
  readonly runtime: VersionResponse;
  /** Where the kubelet keeps its files: its file system is what Pods share. */
  readonly rootDirectory: string;
  readonly kubeletPort: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Default: that of the first interface that is not the loopback. */
  readonly address?: string;
  /** Upstream's `--max-pods`. */
  readonly maxPods?: number;
}

/** Upstream's hard eviction thresholds, which no Pod may count on. */
const memoryReserveBytes = 100 * 1024 * 1024;
const diskReserveShare = 0.1;

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n')[0]?.trim() ?? '';
  } catch {
    // Not every machine says it (containers, minimal systems); upstream leaves it empty, too.
    return '';
  }
}

function osImage(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}

/** The machine that this process runs on, as a node. */
export function linuxMachine(options: LinuxMachineOptions): Machine {
  const { nodeName, runtime, rootDirectory, kubeletPort, labels = {}, taints = [], maxPods = 110 } = options;
  const { bsize, blocks } = statfsSync(rootDirectory);
  const diskBytes = bsize * blocks;
  const capacity: ResourceList = {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(diskBytes / 1024)}Ki`,
    pods: String(maxPods),
  };
  const addresses: NodeAddress[] = [
    { type: 'InternalIP', address: options.address ?? ownAddress() },
    { type: 'Hostname', address: nodeName },
  ];
  return {
    nodeName,
    addresses,
    capacity,
    allocatable: {
      ...capacity,
      memory: `${Math.floor((totalmem() - memoryReserveBytes) / 1024)}Ki`,
      'ephemeral-storage': String(Math.floor(diskBytes * (1 - diskReserveShare))),
    },
    nodeInfo: {
      machineID: firstLine('/etc/machine-id'),
      systemUUID: firstLine('/sys/class/dmi/id/product_uuid'),
      bootID: firstLine('/proc/sys/kernel/random/boot_id'),
      kernelVersion: release(),
      osImage: osImage(),
      containerRuntimeVersion: `${runtime.runtimeName}://${runtime.runtimeVersion}`,
      kubeletVersion: gitVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: architectures[arch()] ?? arch(),
    },
    labels,
    taints,
    kubeletPort,
    pressure: () => {
      const { blocks: all, bavail } = statfsSync(rootDirectory);
      return {
        memory: availableMemoryBytes() < memoryReserveBytes,
        disk: bavail < all * diskReserveShare,
        // Upstream has no threshold for process ids unless one is configured.
        pid: false,
      };
    },
  };
}

function availableMemoryBytes(): number {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kibibytes ?? Infinity) * 1024;
}
