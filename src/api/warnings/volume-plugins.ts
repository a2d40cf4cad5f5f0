import type { Path } from '../../machinery/field-error.ts';

/** Volume plugins that are on their way out or gone: what upstream says of each, in its order. */
const inPods = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

type Plugin = keyof typeof inPods;

const podPlugins = Object.keys(inPods) as Plugin[];
const persistentPlugins: readonly Plugin[] = [
  'cephfs',
  'photonPersistentDisk',
  'scaleIO',
  'storageos',
  'glusterfs',
  'rbd',
];

/** What upstream's warnings call a field, where that is not what it is called. */
const shownNames: Readonly<Partial<Record<Plugin, string>>> = { storageos: 'storageOS' };

function pluginWarnings(source: object, plugins: readonly Plugin[], path: Path): string[] {
  const fields = source as Readonly<Record<string, unknown>>;
  return plugins
    .filter((plugin) => fields[plugin] !== undefined && fields[plugin] !== null)
    .map((plugin) => `${path.child(shownNames[plugin] ?? plugin)}: ${inPods[plugin]}`);
}

/** Of a Pod's volume. */
export function volumePluginWarnings(volume: object, path: Path): string[] {
  return pluginWarnings(volume, podPlugins, path);
}

/** Of a PersistentVolume's spec. */
export function persistentVolumePluginWarnings(spec: object, path: Path): string[] {
  return pluginWarnings(spec, persistentPlugins, path);
}
