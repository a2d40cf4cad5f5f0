import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '../suite.ts';
import { openEmbeddedStore } from './index.ts';

storeSuite(
  'embedded',
  async (options) => {
    const directory = mkdtempSync(join(tmpdir(), 'store-'));
    let store = await openEmbeddedStore({ ...options, directory });
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openEmbeddedStore({ ...options, directory });
        return store;
      },
      dispose: async () => {
        await store.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
  { isDurable: true, runs: 60 },
);
