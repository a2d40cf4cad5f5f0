import { storeSuite } from '../suite.ts';
import { openMemoryStore } from './index.ts';

storeSuite(
  'memory',
  async (options) => {
    const store = await openMemoryStore(options);
    return { store, dispose: () => store.close() };
  },
  { isDurable: false, runs: 300 },
);
