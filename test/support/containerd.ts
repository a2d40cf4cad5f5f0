/** A containerd of the test's own: its own root, state and socket, nothing else of the machine is touched. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ociArchive, type ImageContent } from '../../src/kubelet/image-archive/oci-archive.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './server.ts';

const execute = promisify(execFile);
const containerd = '/usr/bin/containerd';
const busybox = '/bin/busybox';
const pause = '/usr/bin/catatonit';
/** The capability to lower an OOM score: CAP_SYS_RESOURCE. */
const sysResource = 24n;

export const sandboxImage = 'kubets.test/pause:1';
export const busyboxImage = 'kubets.test/busybox:1';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const architecture = architectures[process.arch] ?? process.arch;

/** Why containers cannot be run here; undefined: they can. */
export function missingForContainers(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const missing = [containerd, '/usr/sbin/runc', busybox, pause].filter((path) => !existsSync(path));
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} not found: install containerd, runc, busybox-static, catatonit`;
}

function canLowerOomScores(): boolean {
  const effective = /^CapEff:\s*([\da-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> sysResource) & 1n) === 1n;
}

export class TestContainerd {
  readonly directory: string;
  readonly #child: ChildProcess;
  #log = '';

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => (this.#log = (this.#log + piece.toString('utf8')).slice(-65_536)));
  }

  /** Resolves when it answers and has the images. */
  static async start(): Promise<TestContainerd> {
    const directory = await temporaryDirectory();
    const config = [
      'version = 2',
      `root = "${directory}/root"`,
      `state = "${directory}/state"`,
      '[grpc]',
      `  address = "${directory}/containerd.sock"`,
      '[plugins."io.containerd.grpc.v1.cri"]',
      `  sandbox_image = "${sandboxImage}"`,
      `  restrict_oom_score_adj = ${canLowerOomScores() ? 'false' : 'true'}`,
      '  disable_apparmor = true',
      '[plugins."io.containerd.grpc.v1.cri".containerd]',
      `  snapshotter = "${supportsOverlay() ? 'overlayfs' : 'native'}"`,
      '[plugins."io.containerd.grpc.v1.cri".cni]',
      `  conf_dir = "${directory}/net.d"`,
    ];
    await mkdir(join(directory, 'net.d'));
    await writeFile(join(directory, 'config.toml'), `${config.join('\n')}\n`);
    const child = spawn(containerd, ['--config', join(directory, 'config.toml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const started = new TestContainerd(directory, child);
    await eventually('containerd listens', () => {
      if (child.exitCode !== null) throw new Error(`containerd ended with ${child.exitCode}:\n${started.#log}`);
      return existsSync(started.socketPath) && statSync(started.socketPath).isSocket();
    });
    await started.load({
      name: sandboxImage,
      architecture,
      files: [{ path: 'pause', content: readFileSync(pause), mode: 0o755 }],
      entrypoint: ['/pause', '-P'],
    });
    await started.load({
      name: busyboxImage,
      architecture,
      files: [
        ...['bin', 'etc', 'tmp', 'proc', 'sys', 'dev'].map((path) => ({ path })),
        { path: 'bin/busybox', content: readFileSync(busybox), mode: 0o755 },
        ...['sh', 'sleep', 'echo', 'cat', 'ls', 'false', 'true', 'id', 'env', 'kill'].map((name) => ({
          path: `bin/${name}`,
          linkTarget: 'busybox',
        })),
      ],
      environment: { PATH: '/bin' },
      command: ['/bin/sh'],
    });
    return started;
  }

  get socketPath(): string {
    return join(this.directory, 'containerd.sock');
  }

  async load(image: ImageContent): Promise<void> {
    const archive = join(this.directory, 'image.tar');
    await writeFile(archive, ociArchive(image));
    const arguments_ = ['--address', this.socketPath, '--namespace', 'k8s.io', 'images', 'import', archive];
    try {
      await execute('ctr', arguments_, { timeout: 60_000 });
    } finally {
      await rm(archive, { force: true });
    }
  }

  /** Ends it; what still ran in it must have been removed before. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    await rm(this.directory, { recursive: true, force: true });
  }
}

function supportsOverlay(): boolean {
  return readFileSync('/proc/filesystems', 'utf8').includes('overlay');
}
