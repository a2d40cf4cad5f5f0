import type { KubernetesObject } from '../../../api/contract.ts';
import type { PersistentVolume, Pod } from '../../../api/types/core.v1.ts';
import type { ResourceSlice } from '../../../api/types/resource.v1.ts';
import type { VolumeAttachment } from '../../../api/types/storage.v1.ts';
import type { Registry } from '../../registry/registry.ts';
import type { CachedObject } from '../../watch/cached-object.ts';
import type { NodeGraph } from './graph.ts';
import type { GraphAction, NodeAuthorizerMetrics } from './metrics.ts';

/** Fills a graph from the server's own caches, and keeps it as they are. Resolves when it is filled. */
export async function feedGraph(graph: NodeGraph, registry: Registry, metrics: NodeAuthorizerMetrics): Promise<void> {
  await Promise.all([
    follow<Pod>(registry, '', 'pods', ({ namespace, name }, pod) => {
      metrics.time(pod === undefined ? 'DeletePod' : 'AddPod', () => graph.setPod(namespace, name, pod));
    }),
    follow<PersistentVolume>(registry, '', 'persistentvolumes', ({ name }, volume) => {
      metrics.time(volume === undefined ? 'DeletePV' : 'AddPV', () => graph.setVolume(name, volume));
    }),
    follow<VolumeAttachment>(registry, 'storage.k8s.io', 'volumeattachments', ({ name }, attachment) => {
      const action: GraphAction = attachment === undefined ? 'DeleteVolumeAttachment' : 'AddVolumeAttachment';
      metrics.time(action, () => graph.setOwned('volumeattachment', name, attachment?.spec?.nodeName));
    }),
    follow<ResourceSlice>(registry, 'resource.k8s.io', 'resourceslices', ({ name }, slice) => {
      const action: GraphAction = slice === undefined ? 'DeleteResourceSlice' : 'AddResourceSlice';
      metrics.time(action, () => graph.setOwned('resourceslice', name, slice?.spec?.nodeName ?? undefined));
    }),
  ]);
}

async function follow<T extends KubernetesObject>(
  registry: Registry,
  group: string,
  plural: string,
  take: (object: CachedObject, parsed: T | undefined) => void,
): Promise<void> {
  const definition = registry.catalog.definitions.find(
    (one) => one.group === group && one.plural === plural && one.storage?.convert === undefined,
  );
  if (definition === undefined) throw new Error(`the catalog has no ${plural}.${group}`);
  const cache = await registry.cacheOf(definition);
  const read = ({ value, revision }: CachedObject): T => cache.form.decode(value, revision) as T;
  const { from, to } = cache.rangeOf('');
  cache.scan(from, to, (object) => {
    take(object, read(object));
    return true;
  });
  cache.listen({
    onEvent: ({ type, object }) => take(object, type === 'delete' ? undefined : read(object)),
  });
}
