/** Loads a kubeconfig as client-go does. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ClientConfigError } from './client-config.ts';
import { parseKubeconfig, type Kubeconfig } from './kubeconfig-file.ts';

export interface KubeconfigSource {
  /** `--kubeconfig`: this file alone, and it must be there. */
  readonly explicitPath?: string | undefined;
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory?: string;
}

/**
 * Reads `--kubeconfig`, or else the files that `$KUBECONFIG` lists (those that exist; the first to set a value or a
 * name wins), or else `~/.kube/config`. Throws a ClientConfigError. Without any file the result is empty.
 */
export async function loadKubeconfig(source: KubeconfigSource = {}): Promise<Kubeconfig> {
  const { explicitPath, environment = process.env, homeDirectory = homedir() } = source;
  if (explicitPath !== undefined && explicitPath !== '') {
    return parseKubeconfig(await readExisting(explicitPath), explicitPath);
  }
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const paths = listed.length > 0 ? [...new Set(listed)] : [join(homeDirectory, '.kube', 'config')];
  const files: Kubeconfig[] = [];
  for (const path of paths) {
    const bytes = await readIfExists(path);
    if (bytes !== undefined) files.push(await parseKubeconfig(bytes, path));
  }
  return mergeKubeconfigs(files);
}

async function readExisting(path: string): Promise<Buffer> {
  const bytes = await readIfExists(path);
  if (bytes === undefined) throw new ClientConfigError(`stat ${path}: no such file or directory`);
  return bytes;
}

async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ClientConfigError(
      `error loading config file ${JSON.stringify(path)}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** The first to set a value, or to use a name, wins; an entry of a later file under a known name counts for nothing. */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const merge = <T>(part: (file: Kubeconfig) => ReadonlyMap<string, T>): Map<string, T> =>
    new Map(files.toReversed().flatMap((file) => [...part(file)]));
  return {
    currentContext: files.find((file) => file.currentContext !== '')?.currentContext ?? '',
    clusters: merge((file) => file.clusters),
    users: merge((file) => file.users),
    contexts: merge((file) => file.contexts),
  };
}
