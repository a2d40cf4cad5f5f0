import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease } from '../api/types/coordination.v1.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { VirtualClock } from '../machinery/virtual-clock.ts';
import { Client } from './client.ts';
import { ConnectionError, type ApiRequest, type ApiResponse, type Transport } from './contract.ts';
import { LeaderElector } from './leader-election.ts';

/** A server that knows one Lease. */
class LeaseServer {
  lease: Lease | undefined;
  readonly unreachableFor = new Set<string>();
  #version = 0;

  clientFor(name: string): Client {
    const transport: Transport = {
      send: (request) => {
        if (this.unreachableFor.has(name)) return Promise.reject(new ConnectionError('no route'));
        return Promise.resolve(this.#answer(request));
      },
      close: () => {},
    };
    return Client.over(transport, { userAgent: name });
  }

  #answer({ method, body }: ApiRequest): ApiResponse {
    const sent = body === undefined ? undefined : (JSON.parse(Buffer.from(body).toString('utf8')) as Lease);
    if (method === 'GET') return this.lease === undefined ? failure(404, 'NotFound') : answer(200, this.lease);
    if (sent === undefined) throw new Error(`an unexpected ${method}`);
    if (method === 'POST' && this.lease !== undefined) return failure(409, 'AlreadyExists');
    if (method === 'PUT' && sent.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
      return failure(409, 'Conflict');
    }
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(++this.#version) } };
    return answer(200, this.lease);
  }
}

function answer(status: number, body: unknown): ApiResponse {
  return {
    status,
    header: () => [],
    body: (async function* () {
      yield Buffer.from(JSON.stringify(body));
    })(),
  };
}

function failure(code: number, reason: string): ApiResponse {
  return answer(code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: reason,
    reason,
    code,
  });
}

interface Candidate {
  readonly stop: AbortController;
  readonly outcome: Promise<'lost' | 'released'>;
  isLeading: boolean;
}

function candidate(server: LeaseServer, clock: VirtualClock, identity: string): Candidate {
  const elector = new LeaderElector({
    client: server.clientFor(identity),
    clock,
    random: seededRandom(identity),
    log: Logger.silent,
    namespace: 'kube-system',
    name: 'lease',
    identity,
  });
  const stop = new AbortController();
  const self = { stop, isLeading: false } as {
    stop: AbortController;
    isLeading: boolean;
    outcome: Candidate['outcome'];
  };
  self.outcome = elector.run(async (signal) => {
    self.isLeading = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    self.isLeading = false;
  }, stop.signal);
  return self;
}

test('one leads, and when it leaves the next does so at once', async () => {
  const clock = new VirtualClock();
  const server = new LeaseServer();
  const [a, b] = [candidate(server, clock, 'a'), candidate(server, clock, 'b')];
  await clock.advance(60_000);
  const [first, second] = a.isLeading ? [a, b] : [b, a];
  assert.ok(first.isLeading && !second.isLeading);
  assert.equal(server.lease?.spec.leaseTransitions, 0);
  first.stop.abort();
  assert.equal(await first.outcome, 'released');
  await clock.advance(5_000);
  assert.ok(second.isLeading);
  assert.equal(server.lease?.spec.leaseTransitions, 1);
  second.stop.abort();
  assert.equal(await second.outcome, 'released');
});

test('who cannot renew stops before another may lead', async () => {
  const clock = new VirtualClock();
  const server = new LeaseServer();
  const a = candidate(server, clock, 'a');
  await clock.advance(1_000);
  const b = candidate(server, clock, 'b');
  await clock.advance(10_000);
  assert.ok(a.isLeading && !b.isLeading);
  server.unreachableFor.add('a');
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000);
    assert.ok(!(a.isLeading && b.isLeading), `two lead after ${second + 1} s`);
  }
  assert.ok(b.isLeading);
  assert.equal(await a.outcome, 'lost');
  b.stop.abort();
  await b.outcome;
});

test('times that cannot work are refused', () => {
  const options = {
    client: new LeaseServer().clientFor('a'),
    clock: new VirtualClock(),
    random: seededRandom('a'),
    log: Logger.silent,
    namespace: 'n',
    name: 'l',
    identity: 'a',
  };
  assert.throws(() => new LeaderElector({ ...options, leaseDurationMs: 5000 }), /leaseDuration must be greater/);
  assert.throws(() => new LeaderElector({ ...options, retryPeriodMs: 9000 }), /renewDeadline must be greater/);
});
