/** Images made on the spot, from local files, as archives that every runtime can load (OCI image layout 1.0). */
import { createHash } from 'node:crypto';
import { tarOf, type TarEntry } from './tar.ts';

export interface ImageContent {
  /** With its tag: `registry.k8s.io/pause:3.10`. */
  readonly name: string;
  readonly files: readonly TarEntry[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `uid[:gid]`. */
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly stopSignal?: string;
  /** As Go calls it: `amd64`, `arm64`. */
  readonly architecture: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An archive of one image with one layer. */
export function ociArchive(image: ImageContent): Buffer {
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const addJson = (mediaType: string, value: object): Descriptor => add(mediaType, Buffer.from(JSON.stringify(value)));
  const layer = add('application/vnd.oci.image.layer.v1.tar', tarOf(image.files));
  const config = addJson('application/vnd.oci.image.config.v1+json', {
    architecture: image.architecture,
    os: 'linux',
    config: {
      ...(image.user === undefined ? {} : { User: image.user }),
      ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }),
      ...(image.command === undefined ? {} : { Cmd: image.command }),
      ...(image.workingDirectory === undefined ? {} : { WorkingDir: image.workingDirectory }),
      ...(image.stopSignal === undefined ? {} : { StopSignal: image.stopSignal }),
      Env: Object.entries(image.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'kubets' }],
  });
  const manifest = addJson('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: [layer],
  });
  const tag = image.name.slice(image.name.lastIndexOf(':') + 1);
  const annotations = { 'io.containerd.image.name': image.name, 'org.opencontainers.image.ref.name': tag };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  return tarOf([
    { path: 'oci-layout', content: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', content: Buffer.from(JSON.stringify(index)) },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/sha256/${digest.slice('sha256:'.length)}`, content })),
  ]);
}
