import { describe } from 'node:test';
import type { OpenStore } from './suite/harness.ts';
import { propertyTests } from './suite/properties.ts';

export type { OpenStore, StoreUnderTest, SuiteOptions } from './suite/harness.ts';

/** The contract as tests: every implementation must pass them. `runs`: how many random runs of the property tests. */
export function storeSuite(name: string, open: OpenStore, runs = 300): void {
  describe(`${name} store`, { timeout: 120_000 }, () => {
    propertyTests(open, runs);
  });
}
