/** What the package offers to programs: whole clusters in their process, and the client to talk to them. */
export { Cluster, type ClusterOptions } from './cluster/cluster.ts';
export type { Client, ListOptions, ObjectList, PatchOptions, PatchType, WriteOptions } from './client/client.ts';
export { type Resource } from './client/resource.ts';
export * as resources from './client/resources.ts';
export type { SimulatedNode } from './kubelet/simulated-nodes.ts';
export {
  imagesAnnotation,
  scriptAnnotation,
  type ContainerScript,
  type ImageScript,
  type ScriptHooks,
} from './kubelet/runtime/simulated/script.ts';
export { StatusError } from './machinery/status.ts';
