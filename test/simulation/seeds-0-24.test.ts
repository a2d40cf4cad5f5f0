// A file for each core that is to work on them.
import { testSeeds } from './test-seeds.ts';

testSeeds(0, 24);
