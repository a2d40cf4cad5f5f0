// Sends random requests to a fresh server: `npm run fuzz -- --requests 100000 --seed SEED`. Without a seed a new one is
// drawn and printed. Exits 1 at the first answer that should not be.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { TestServer } from '../support/server.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: randomUUID() },
  },
});
const requests = Number(values.requests);
if (!Number.isSafeInteger(requests) || requests < 1) throw new Error('--requests must be a number of 1 or more');
const { seed } = values;
console.log(`seed ${seed}`);
const server = await TestServer.start();
const startedMs = performance.now();
try {
  const { statuses } = await fuzz({
    config: server.config,
    seed,
    requests,
    onProgress: (done) => console.log(`${done} requests, ${Math.round((performance.now() - startedMs) / 1000)} s`),
  });
  for (const [status, count] of [...statuses].sort(([a], [b]) => a - b)) console.log(`${status}: ${count}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await server.stop();
}
