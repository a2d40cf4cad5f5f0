import { afterEach, describe } from 'node:test';
import type { Store } from './contract.ts';
import { realClock } from '../machinery/clock.ts';
import type { OpenStore, OpenTest, StoreUnderTest } from './suite/harness.ts';
import { durableLeaseTests, leaseTests } from './suite/leases.ts';
import { propertyTests } from './suite/properties.ts';
import { readTests } from './suite/reads.ts';
import { transactionTests } from './suite/transactions.ts';
import { watchTests } from './suite/watches.ts';

export type { OpenStore, StoreUnderTest, SuiteOptions } from './suite/harness.ts';

export interface SuiteKind {
  /** What is written can be read by the next process: `reopen` is there. */
  readonly isDurable: boolean;
  /** Random runs of the property tests. */
  readonly runs: number;
}

/** The contract as tests: every implementation must pass them. */
export function storeSuite(name: string, open: OpenStore, { isDurable, runs }: SuiteKind): void {
  let tests: StoreUnderTest[] = [];
  afterEach(async () => {
    for (const test of tests) await test.dispose();
    tests = [];
  });
  const openTest: OpenTest = async (options = {}) => {
    const test = await open({ clock: realClock, historyMs: 1e12, historyRevisions: 1e12, ...options });
    tests.push(test);
    return test.store;
  };
  const reopen = async (): Promise<Store> => {
    const again = tests.at(-1)?.reopen;
    if (again === undefined) throw new Error(`the ${name} store cannot be opened again`);
    return again();
  };
  describe(`${name} store`, { timeout: 120_000 }, () => {
    describe('transactions', () => transactionTests(openTest));
    describe('reads', () => readTests(openTest));
    describe('watches', () => watchTests(openTest));
    describe('leases', () => leaseTests(openTest));
    if (isDurable) describe('leases that outlive the process', () => durableLeaseTests(openTest, reopen));
    describe('random steps', () => propertyTests(open, runs));
  });
}
