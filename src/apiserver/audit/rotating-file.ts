import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../machinery/clock.ts';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file that would become larger is set aside first. */
  readonly maxBytes: number;
  /** Files that were set aside are removed after so long; 0: by age, none is. */
  readonly maxAgeMs: number;
  /** So many files are kept that were set aside; 0: all. */
  readonly maxBackups: number;
  /** Whether files that were set aside are compressed. */
  readonly compress: boolean;
  readonly clock: Clock;
  /** Told when what was set aside could not be compressed or removed. */
  onFailure(error: unknown): void;
}

/**
 * A file that is written to its end, and set aside under the time when it is full: `audit-2026-01-02T15-04-05.000.log`,
 * with `.gz` when it is compressed, as upstream's are.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #directory: string;
  readonly #stem: string;
  readonly #extension: string;
  #descriptor: number;
  #bytes: number;
  /** What is being compressed and removed, one after the other. */
  #tidying: Promise<void>;

  /** Opens or creates the file and its directory. Throws the file system's error. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#directory = dirname(options.path);
    this.#extension = extname(options.path);
    this.#stem = basename(options.path, this.#extension);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(options.path, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
    this.#tidying = this.#tidy();
  }

  /** Returns when the text is the system's to keep. Throws the file system's error. */
  write(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.maxBytes) this.#rotate();
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written);
    }
    this.#bytes += bytes.length;
  }

  async close(): Promise<void> {
    closeSync(this.#descriptor);
    await this.#tidying;
  }

  #rotate(): void {
    const { path, clock } = this.#options;
    renameSync(path, join(this.#directory, this.#freeName(clock.now())));
    const next = openSync(path, 'a', 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#bytes = 0;
    this.#tidying = this.#tidying.then(() => this.#tidy());
  }

  /** Two files that are full within a millisecond have names a millisecond apart. */
  #freeName(nowMs: number): string {
    const taken = new Set(readdirSync(this.#directory));
    for (let ms = nowMs; ; ms++) {
      const time = new Date(ms).toISOString().replaceAll(':', '-').replace('Z', '');
      const name = `${this.#stem}-${time}${this.#extension}`;
      if (!taken.has(name) && !taken.has(`${name}.gz`)) return name;
    }
  }

  /** Removes what is too old or too many, and compresses the rest. */
  async #tidy(): Promise<void> {
    const { maxAgeMs, maxBackups, compress, clock, onFailure } = this.#options;
    try {
      const backups = this.#backups();
      const oldest = maxAgeMs === 0 ? -Infinity : clock.now() - maxAgeMs;
      const kept = backups.filter(({ timeMs }, index) => timeMs >= oldest && (maxBackups === 0 || index < maxBackups));
      for (const { name } of backups.filter((one) => !kept.includes(one))) unlinkSync(join(this.#directory, name));
      if (!compress) return;
      for (const { name } of kept) if (!name.endsWith('.gz')) await compressFile(join(this.#directory, name));
    } catch (error) {
      onFailure(error);
    }
  }

  /** Files that were set aside, the newest first. */
  #backups(): readonly { readonly name: string; readonly timeMs: number }[] {
    const found: { name: string; timeMs: number }[] = [];
    for (const name of readdirSync(this.#directory)) {
      const plain = name.endsWith('.gz') ? name.slice(0, -'.gz'.length) : name;
      if (!plain.startsWith(`${this.#stem}-`) || !plain.endsWith(this.#extension)) continue;
      const time = plain.slice(this.#stem.length + 1, plain.length - this.#extension.length);
      const match = /^(\d{4}-\d{2}-\d{2}T)(\d{2})-(\d{2})-(\d{2}\.\d{3})$/.exec(time);
      if (match === null) continue;
      const [, day = '', hours = '', minutes = '', seconds = ''] = match;
      found.push({ name, timeMs: Date.parse(`${day}${hours}:${minutes}:${seconds}Z`) });
    }
    return found.sort((a, b) => b.timeMs - a.timeMs);
  }
}

async function compressFile(path: string): Promise<void> {
  const { mode } = await stat(path);
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode }));
  await unlink(path);
}
