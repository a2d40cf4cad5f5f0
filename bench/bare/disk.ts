import { open } from 'lmdb';

export interface Disk {
  /** Resolves when it is on disk. Writers of one turn of the event loop share a commit. */
  put(key: string, value: Buffer): Promise<unknown>;
  remove(key: string): Promise<unknown>;
}

export function openDisk(path: string): Disk {
  // As the embedded store opens it: a commit that is reported is on disk.
  return open<Buffer, string>({ path, noSubdir: true, overlappingSync: false, pageSize: 8192, encoding: 'binary' });
}
