// The process that the store's crash test kills: writes as fast as it can, and says on its standard output what the
// store has acknowledged. Arguments: the store's directory.
import { writeSync } from 'node:fs';
import { openEmbeddedStore } from '../../src/store/embedded/index.ts';
import { opsOf, readProgress, writers } from './store-workload.ts';

const store = await openEmbeddedStore({
  directory: process.argv[2] ?? '',
  historyMs: 0,
  historyRevisions: 100,
  rewriteAboveBytes: 256 * 1024,
});

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function write(writer: number): Promise<never> {
  for (let n = (await readProgress(store, writer)) + 1; ; n++) {
    const { revision } = await store.txn({ success: opsOf(writer, n), note: Buffer.from(`${writer} ${n}`) });
    say(`acknowledged ${writer} ${n} ${revision}`);
  }
}

/** Compacts all the time, so that the kill also hits compaction and the rewriting of the file. */
async function compact(): Promise<never> {
  for (let last = store.revision; ;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const revision = store.revision - 100;
    if (revision <= last) continue;
    await store.compact(revision);
    last = revision;
    say(`compacted ${revision}`);
  }
}

say('opened');
await Promise.all([...Array.from({ length: writers }, (_, writer) => write(writer)), compact()]);
