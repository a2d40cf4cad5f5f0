import { quote } from '../../machinery/quote.ts';
import type { Volume, VolumeProjection } from '../types/core.v1.ts';

type Files = readonly { readonly path?: string }[] | null | undefined;

/** A file in a volume, and what it comes from where a volume has several sources. */
interface VolumeFile {
  readonly path: string;
  readonly source: string;
}

function filesOf(files: Files, source = ''): VolumeFile[] {
  return (files ?? []).map(({ path = '' }) => ({ path: path.replace(/\/+$/, ''), source }));
}

function shown({ path, source }: VolumeFile): string {
  return source === '' ? quote(path) : `${quote(path)} (${source})`;
}

/** Each file is compared with every other: beyond so many, nobody reads what is said of them. */
const maxFiles = 256;

/** Whether both cannot be there: they are the same, or one would be a directory of the other. */
function collide(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

function overlapWarnings(all: readonly VolumeFile[], where: string): string[] {
  const files = all.slice(0, maxFiles);
  return files.flatMap((file, index) =>
    files
      .slice(0, index)
      .filter((earlier) => collide(earlier.path, file.path))
      .map((earlier) => `${where}: overlapping paths: ${shown(file)} with ${shown(earlier)}`),
  );
}

/** Of files in one volume that hide one another. */
export function volumePathWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const where = `volume ${quote(name)}`;
  if (configMap) {
    return overlapWarnings(filesOf(configMap.items), `${where} (ConfigMap ${quote(configMap.name ?? '')})`);
  }
  if (secret) return overlapWarnings(filesOf(secret.items), `${where} (Secret ${quote(secret.secretName ?? '')})`);
  if (downwardAPI) return overlapWarnings(filesOf(downwardAPI.items), `${where} (DownwardAPI)`);
  const sources = projected?.sources ?? [];
  const isEmpty = (source: VolumeProjection): boolean => !Object.values(source ?? {}).some(Boolean);
  return [
    ...sources.filter(isEmpty).map(() => `${where} (Projected) has no sources provided`),
    ...overlapWarnings(sources.flatMap(projectedFiles), `${where} (Projected)`),
  ];
}

function projectedFiles(projection: VolumeProjection): VolumeFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = projection ?? {};
  if (configMap) return filesOf(configMap.items, `ConfigMap ${quote(configMap.name ?? '')}`);
  if (secret) return filesOf(secret.items, `Secret ${quote(secret.name ?? '')}`);
  if (downwardAPI) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return filesOf([serviceAccountToken], 'ServiceAccountToken');
  if (!clusterTrustBundle) return [];
  const { name, signerName = '' } = clusterTrustBundle;
  return filesOf([clusterTrustBundle], `ClusterTrustBundle ${quote(name ?? signerName)}`);
}
