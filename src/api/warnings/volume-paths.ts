import { quote } from '../../machinery/quote.ts';
import type { Volume, VolumeProjection } from '../types/core.v1.ts';

type Files = readonly { readonly path?: string }[] | null | undefined;

function pathsOf(files: Files): string[] {
  return (files ?? []).map(({ path = '' }) => path.replace(/\/+$/, ''));
}

/** Whether both cannot be files: they are the same, or one would be a directory of the other. */
function collide(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

/** @param taken Files that are there already; those of `paths` are added. */
function overlapWarnings(paths: readonly string[], taken: string[], where: string): string[] {
  const warnings: string[] = [];
  for (const path of paths) {
    const other = taken.find((one) => collide(one, path));
    if (other !== undefined) warnings.push(`${where}: overlapping paths: ${quote(path)} with ${quote(other)}`);
    if (!taken.includes(path)) taken.push(path);
  }
  return warnings;
}

/** Of files in one volume that hide one another. */
export function volumePathWarnings(volume: Volume): string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  const where = `volume ${quote(name)}`;
  if (configMap) {
    return overlapWarnings(pathsOf(configMap.items), [], `${where} (ConfigMap ${quote(configMap.name ?? '')})`);
  }
  if (secret) {
    return overlapWarnings(pathsOf(secret.items), [], `${where} (Secret ${quote(secret.secretName ?? '')})`);
  }
  if (downwardAPI) return overlapWarnings(pathsOf(downwardAPI.items), [], `${where} (DownwardAPI)`);
  const taken: string[] = [];
  return (projected?.sources ?? []).flatMap((source) => {
    if (!Object.values(source ?? {}).some(Boolean)) return [`${where} (Projected) has no sources provided`];
    const { kind, paths } = projectionOf(source);
    return overlapWarnings(paths, taken, `${where} (Projected ${kind})`);
  });
}

function projectionOf(source: VolumeProjection): { readonly kind: string; readonly paths: readonly string[] } {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  if (configMap) return { kind: `ConfigMap ${quote(configMap.name ?? '')}`, paths: pathsOf(configMap.items) };
  if (secret) return { kind: `Secret ${quote(secret.name ?? '')}`, paths: pathsOf(secret.items) };
  if (downwardAPI) return { kind: 'DownwardAPI', paths: pathsOf(downwardAPI.items) };
  if (serviceAccountToken) return { kind: 'ServiceAccountToken', paths: pathsOf([serviceAccountToken]) };
  if (!clusterTrustBundle) return { kind: '', paths: [] };
  const { name, signerName = '' } = clusterTrustBundle;
  return { kind: `ClusterTrustBundle ${quote(name ?? signerName)}`, paths: pathsOf([clusterTrustBundle]) };
}
