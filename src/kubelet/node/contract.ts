import type { NodeAddress, NodeSystemInfo, ResourceList, Taint } from '../../api/types/core.v1.ts';

/** The machine that a node is, and how it presents itself. */
export interface Machine {
  readonly nodeName: string;
  readonly addresses: readonly NodeAddress[];
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly nodeInfo: NodeSystemInfo;
  /** Besides those that every node has. */
  readonly labels: Readonly<Record<string, string>>;
  /** `--register-with-taints`. */
  readonly taints: readonly Taint[];
  /** Of the kubelet's own server. */
  readonly kubeletPort: number;
  /** Under which of them the machine is. */
  pressure(): { readonly memory: boolean; readonly disk: boolean; readonly pid: boolean };
}

/** Upstream's defaults (`KubeletConfiguration`), in ms. */
export const nodeStatusUpdateMs = 10_000;
export const nodeStatusReportMs = 300_000;
export const leaseDurationSeconds = 40;
/** A quarter of the lease's duration. */
export const leaseRenewMs = 10_000;
