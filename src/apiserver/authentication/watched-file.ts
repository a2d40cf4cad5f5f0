import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';

/** What it takes to look after files. */
export interface FileWatchOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: the file system's. */
  read?(path: string): Promise<string>;
}

/** Small files, few of them: read as a whole each time, so that no change can slip by. */
const periodMs = 1000;

interface WatchedFile {
  readonly path: string;
  content: string | undefined;
  /** The last problem that was told of; told once. */
  problem: string | undefined;
  readonly apply: (content: string) => void | Promise<void>;
}

/**
 * Looks after files that the server was started with: when one changes, what it holds is put to use without a restart. A
 * file that is gone or wrong leaves everything as it was, and is told of in the log.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #files: WatchedFile[] = [];
  #timer: Timer | undefined;
  #isChecking = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** @param apply Takes the new content; throws (or rejects) when it is of no use. */
  add(path: string, content: string, apply: (content: string) => void | Promise<void>): void {
    this.#files.push({ path, content, problem: undefined, apply });
  }

  start(): void {
    if (this.#files.length === 0) return;
    this.#timer = this.#options.clock.setInterval(() => void this.check(), periodMs).unref();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** One look at every file. */
  async check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      for (const file of this.#files) await this.#checkFile(file);
    } finally {
      this.#isChecking = false;
    }
  }

  async #checkFile(file: WatchedFile): Promise<void> {
    const { read = (path: string) => readFile(path, 'utf8'), log } = this.#options;
    try {
      const content = await read(file.path);
      if (content === file.content) return;
      file.content = content;
      await file.apply(content);
      file.problem = undefined;
      log.info('Reloaded a file', { path: file.path });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem === file.problem) return;
      file.problem = problem;
      log.error('A file that changed is of no use: what it held before still counts', error, { path: file.path });
    }
  }
}
