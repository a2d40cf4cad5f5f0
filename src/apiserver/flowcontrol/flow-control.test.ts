import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '../../api/contract.ts';
import type { PriorityLevelConfiguration } from '../../api/types/flowcontrol.v1.ts';
import { realClock } from '../../machinery/clock.ts';
import { MetricsRegistry } from '../../machinery/metrics.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import type { RequestInfo } from '../contract.ts';
import { InternalExchange } from '../http/internal.ts';
import { parseRequestInfo } from '../http/request-info.ts';
import { bootstrapFlowSchemas, bootstrapPriorityLevels } from './bootstrap-objects.ts';
import { FlowControl } from './flow-control.ts';
import { FlowControlMetrics } from './metrics.ts';
import { TooBusyError, type HeldSeats } from './priority-level.ts';

const timeoutMs = 60_000;

interface Bench {
  readonly clock: VirtualClock;
  readonly control: FlowControl;
  readonly registry: MetricsRegistry;
  enter(user: UserInfo, method: string, target: string): HeldSeats | Promise<HeldSeats>;
  limitOf(level: string): number;
}

function bench(serverSeats = 600, stored?: { readonly count: number; readonly sizeBytes: number }): Bench {
  const clock = new VirtualClock();
  const registry = new MetricsRegistry();
  const metrics = new FlowControlMetrics(registry);
  const control = new FlowControl({ clock, metrics, serverSeats, storedOf: () => stored });
  for (const level of bootstrapPriorityLevels) control.setLevel(level.metadata.name, withUid(level));
  for (const schema of bootstrapFlowSchemas) control.setSchema(schema.metadata.name, withUid(schema));
  control.apply();
  return {
    clock,
    control,
    registry,
    enter: (user, method, target) => {
      const { exchange, info } = request(method, target);
      return control.enter(exchange, info, user, timeoutMs);
    },
    limitOf: (name) => [...control.levels()].find((level) => level.name === name)?.limit ?? -1,
  };
}

function withUid<T extends { metadata: { name: string } }>(object: T): T {
  return { ...object, metadata: { ...object.metadata, uid: `uid-${object.metadata.name}` } };
}

function request(method: string, target: string): { exchange: InternalExchange; info: RequestInfo } {
  const exchange = new InternalExchange({ method, target });
  return { exchange, info: parseRequestInfo(method, exchange.path, exchange.query) };
}

function user(username: string, ...groups: readonly string[]): UserInfo {
  return { username, groups: [...groups, 'system:authenticated'] };
}

const pods = '/api/v1/namespaces/default/pods';

/** Waits until everything that can run has run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('classification', () => {
  const account = (name: string): UserInfo =>
    user(`system:serviceaccount:${name}`, 'system:serviceaccounts', `system:serviceaccounts:${name.split(':')[0]}`);
  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n';
  const rows: readonly (readonly [UserInfo, method: string, target: string, schema: string, level: string])[] = [
    [user('root', 'system:masters'), 'DELETE', '/api/v1/nodes/n', 'exempt', 'exempt'],
    [{ username: 'system:anonymous', groups: ['system:unauthenticated'] }, 'GET', '/readyz', 'probes', 'exempt'],
    [user('jane'), 'GET', '/livez/etcd', 'probes', 'exempt'],
    [user('jane'), 'POST', '/livez', 'global-default', 'global-default'],
    [user('jane'), 'GET', '/livezx', 'global-default', 'global-default'],
    [user('system:kube-scheduler'), 'PUT', lease, 'system-leader-election', 'leader-election'],
    [user('system:kube-scheduler'), 'GET', pods, 'kube-scheduler', 'workload-high'],
    [account('kube-system:x'), 'PUT', lease, 'system-leader-election', 'leader-election'],
    [
      account('kube-system:x'),
      'PUT',
      '/api/v1/namespaces/a/configmaps/c',
      'workload-leader-election',
      'leader-election',
    ],
    [
      account('kube-system:endpoint-controller'),
      'PUT',
      '/api/v1/namespaces/a/endpoints/e',
      'endpoint-controller',
      'workload-high',
    ],
    [account('kube-system:x'), 'GET', pods, 'kube-system-service-accounts', 'workload-high'],
    [account('kube-systemx:x'), 'GET', pods, 'service-accounts', 'workload-low'],
    [account('default:x'), 'GET', pods, 'service-accounts', 'workload-low'],
    [user('system:node:n', 'system:nodes'), 'PATCH', '/api/v1/nodes/n/status', 'system-node-high', 'node-high'],
    [user('system:node:n', 'system:nodes'), 'PUT', lease, 'system-node-high', 'node-high'],
    [user('system:node:n', 'system:nodes'), 'GET', '/api/v1/nodes/n/proxy', 'system-nodes', 'system'],
    [user('system:node:n', 'system:nodes'), 'GET', pods, 'system-nodes', 'system'],
    [user('system:kube-controller-manager'), 'GET', '/api/v1/pods', 'kube-controller-manager', 'workload-high'],
    [{ username: 'stranger', groups: [] }, 'GET', '/api/v1/pods', 'catch-all', 'catch-all'],
  ];
  for (const [who, method, target, schema, level] of rows) {
    test(`${method} ${target} by ${who.username}: ${schema}`, async () => {
      const { control } = bench();
      const { exchange, info } = request(method, target);
      const held = await control.enter(exchange, info, who, timeoutMs);
      held.release();
      exchange.respond(200, {});
      const { headers } = await exchange.response;
      assert.equal(headers['x-kubernetes-pf-flowschema-uid'], `uid-${schema}`);
      assert.equal(headers['x-kubernetes-pf-prioritylevel-uid'], `uid-${level}`);
    });
  }

  test('the schema with the least precedence number counts, and of equals the first by name', async () => {
    const { control } = bench();
    const spec = (matchingPrecedence: number): object => ({
      priorityLevelConfiguration: { name: 'system' },
      matchingPrecedence,
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'jane' } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: false, namespaces: ['a'] }],
        },
      ],
    });
    for (const [name, precedence] of [
      ['z', 50],
      ['c', 40],
      ['b', 40],
    ] as const) {
      control.setSchema(name, { metadata: { name, uid: name }, spec: spec(precedence) } as never);
    }
    control.apply();
    const classified = async (target: string): Promise<unknown> => {
      const { exchange, info } = request('GET', target);
      (await control.enter(exchange, info, user('jane'), timeoutMs)).release();
      exchange.respond(200, {});
      return (await exchange.response).headers['x-kubernetes-pf-flowschema-uid'];
    };
    assert.equal(await classified('/api/v1/namespaces/a/pods'), 'b');
    assert.equal(await classified('/api/v1/namespaces/b/pods'), 'uid-global-default');
    assert.equal(await classified('/api/v1/pods'), 'uid-global-default', 'no cluster scope');
    control.setSchema('b', undefined);
    control.setSchema('c', undefined);
    control.setLevel('system', undefined);
    control.apply();
    assert.equal(await classified('/api/v1/namespaces/a/pods'), 'uid-global-default', 'a schema without its level');
  });

  test('without any objects, masters are exempt and everybody else has what there is, without queues', () => {
    const clock = new VirtualClock();
    const metrics = new FlowControlMetrics(new MetricsRegistry());
    const control = new FlowControl({ clock, metrics, serverSeats: 2, storedOf: () => undefined });
    const enter = (who: UserInfo): unknown => {
      const { exchange, info } = request('GET', pods);
      return control.enter(exchange, info, who, timeoutMs);
    };
    for (let i = 0; i < 5; i++) assert.ok(!(enter(user('root', 'system:masters')) instanceof Promise));
    assert.ok(!(enter(user('a')) instanceof Promise));
    assert.ok(!(enter(user('b')) instanceof Promise));
    return assert.rejects(enter(user('c')) as Promise<unknown>, TooBusyError);
  });
});

describe('queues', () => {
  test('a flood by one user does not keep another one waiting for long, nor nodes and masters at all', async () => {
    const { enter, limitOf, clock } = bench();
    const limit = limitOf('global-default');
    const held: HeldSeats[] = [];
    let isFloodRefused = false;
    for (let i = 0; i < 1000; i++) {
      const entered = enter(user('flood'), 'GET', `${pods}/x`);
      Promise.resolve(entered).then(
        (seats) => held.push(seats),
        (error: unknown) => {
          isFloodRefused ||= error instanceof TooBusyError;
        },
      );
    }
    await settle();
    assert.equal(held.length, limit);
    assert.ok(isFloodRefused, 'its queues are full');
    assert.ok(!(enter(user('root', 'system:masters'), 'GET', pods) instanceof Promise));
    assert.ok(!(enter(user('system:node:n', 'system:nodes'), 'GET', pods) instanceof Promise));
    const state = { isServed: false };
    void Promise.resolve(enter(user('jane'), 'GET', `${pods}/x`)).then(() => (state.isServed = true));
    await settle();
    assert.equal(state.isServed, false);
    let passed = 0;
    while (!state.isServed && passed < 100) {
      passed++;
      await clock.advance(1);
      held.shift()?.release();
      await settle();
    }
    assert.ok(passed <= 7, `served after ${passed} of the flood, which has six queues`);
  });

  test('who waits in vain is told so after a quarter of the time, and who goes leaves the queue', async () => {
    const { enter, limitOf, clock, registry } = bench(20);
    const limit = limitOf('global-default');
    const held = await Promise.all(Array.from({ length: limit }, () => enter(user('a'), 'GET', `${pods}/x`)));
    const waiting = Promise.resolve(enter(user('a'), 'GET', `${pods}/x`));
    const outcome = waiting.then(
      () => 'served',
      (error: unknown) => error,
    );
    await clock.advance(timeoutMs / 4 - 1);
    await clock.advance(1);
    const error = await outcome;
    assert.ok(error instanceof TooBusyError);
    assert.equal(error.retryAfterSeconds, 1);
    const text = registry.render();
    const labels = '{priority_level="global-default",flow_schema="global-default"';
    assert.ok(text.includes(`apiserver_flowcontrol_rejected_requests_total${labels},reason="time-out"} 1`));
    assert.ok(text.includes(`apiserver_flowcontrol_current_inqueue_requests${labels}} 0`));
    assert.ok(text.includes(`apiserver_flowcontrol_current_executing_seats${labels}} ${limit}`));
    for (const seats of held) seats.release();
    assert.ok(registry.render().includes(`apiserver_flowcontrol_current_executing_seats${labels}} 0`));
  });

  test('a client that goes away waits no longer', async () => {
    const { control, enter, limitOf, registry } = bench(20);
    for (let i = limitOf('global-default'); i > 0; i--) await enter(user('a'), 'GET', `${pods}/x`);
    const { exchange, info } = request('GET', `${pods}/x`);
    const entered = Promise.resolve(control.enter(exchange, info, user('b'), timeoutMs));
    exchange.respond(499, {});
    await assert.rejects(entered, TooBusyError);
    const labels = '{priority_level="global-default",flow_schema="global-default"';
    assert.ok(registry.render().includes(`rejected_requests_total${labels},reason="cancelled"} 1`));
  });

  test('a level that is taken away serves who waits in it', async () => {
    const { control, enter, limitOf } = bench(20);
    const limit = limitOf('global-default');
    const held = await Promise.all(Array.from({ length: limit }, () => enter(user('a'), 'GET', `${pods}/x`)));
    const waiting = Promise.resolve(enter(user('a'), 'GET', `${pods}/x`));
    control.setLevel('global-default', undefined);
    control.apply();
    held[0]?.release();
    (await waiting).release();
  });
});

describe('seats', () => {
  test('each level has its share, what it lends, and what it may borrow', () => {
    const { registry } = bench();
    const text = registry.render();
    // 600 seats, 245 shares.
    const rows: readonly (readonly [string, nominal: number, lower: number, upper: number])[] = [
      ['exempt', 0, 0, 600],
      ['catch-all', 13, 13, 613],
      ['system', 74, 50, 674],
      ['node-high', 98, 73, 698],
      ['leader-election', 25, 25, 625],
      ['workload-high', 98, 49, 698],
      ['workload-low', 245, 24, 845],
      ['global-default', 49, 24, 649],
    ];
    for (const [level, nominal, lower, upper] of rows) {
      assert.ok(text.includes(`nominal_limit_seats{priority_level="${level}"} ${nominal}`), level);
      assert.ok(text.includes(`lower_limit_seats{priority_level="${level}"} ${lower}`), level);
      assert.ok(text.includes(`upper_limit_seats{priority_level="${level}"} ${upper}`), level);
    }
  });

  test('seats go to the level that asks for them, and come back', async () => {
    const { clock, control, enter, limitOf } = bench();
    const before = limitOf('global-default');
    const entered = Array.from({ length: 300 }, (_, i) => enter(user(`u${i}`), 'GET', `${pods}/x`));
    for (const one of entered) if (one instanceof Promise) one.catch(() => {});
    await clock.advance(10_000);
    control.adjust();
    const during = limitOf('global-default');
    assert.ok(during > before * 2, `${before} seats became ${during}`);
    const total = [...control.levels()].reduce((sum, { limit }) => sum + limit, 0);
    assert.ok(Math.abs(total - 602) <= 4, `${total} seats are given out in all`);
    assert.ok(limitOf('system') >= 50, 'what a level does not lend, it keeps');
    for (const one of entered)
      void Promise.resolve(one).then(
        (seats) => seats.release(),
        () => {},
      );
    await settle();
    for (let i = 0; i < 200; i++) {
      await clock.advance(10_000);
      control.adjust();
    }
    assert.ok(limitOf('global-default') < during, 'given back');
  });

  test('a large list takes several seats, a single object one, and a write what its watchers cost', async () => {
    const { control, enter, clock } = bench(600, { count: 1000, sizeBytes: 3_000_000 });
    const level = [...control.levels()].find(({ name }) => name === 'global-default');
    const seatsOf = async (method: string, target: string): Promise<number> => {
      const held = await enter(user('a'), method, target);
      const seats = level?.seatsInUse ?? 0;
      held.release();
      await clock.advance(1000);
      assert.equal(level?.seatsInUse, 0, 'all are given back');
      return seats;
    };
    assert.equal(level?.maxSeatsPerRequest, 8);
    assert.equal(await seatsOf('GET', pods), 8, 'the most of its level');
    assert.equal(await seatsOf('GET', `${pods}?limit=100`), 3);
    assert.equal(await seatsOf('GET', `${pods}?limit=10`), 1);
    assert.equal(await seatsOf('GET', `${pods}?fieldSelector=metadata.name%3Dx`), 1);
    assert.equal(await seatsOf('GET', `${pods}?watch=1`), 1);
    assert.equal(await seatsOf('GET', `${pods}?watch=1&sendInitialEvents=true`), 8);
    assert.equal(await seatsOf('POST', pods), 1);
    const { info, exchange } = request('GET', '/api/v1/pods?watch=1');
    const forget = Array.from({ length: 25 }, () => control.trackWatch(info, exchange.query));
    const ofOther = request('GET', '/api/v1/pods?watch=1&fieldSelector=metadata.name%3Dother');
    for (let i = 0; i < 10; i++) forget.push(control.trackWatch(ofOther.info, ofOther.exchange.query));
    assert.equal(await seatsOf('POST', pods), 3);
    assert.equal(await seatsOf('PUT', `${pods}/x`), 3);
    assert.equal(await seatsOf('PUT', `${pods}/other`), 4);
    const held = await enter(user('a'), 'POST', pods);
    held.release();
    assert.equal(level?.seatsInUse, 3, 'until watchers have been told');
    await clock.advance(5);
    assert.equal(level?.seatsInUse, 0);
    for (const one of forget) one();
    assert.equal(await seatsOf('POST', pods), 1);
  });

  test('a level without seats serves nobody', async () => {
    const { clock, control, enter } = bench();
    const none: PriorityLevelConfiguration = {
      metadata: { name: 'global-default' },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 0,
          borrowingLimitPercent: 0,
          limitResponse: { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } },
        },
      },
    };
    control.setLevel('global-default', none);
    control.apply();
    const refused = assert.rejects(Promise.resolve(enter(user('a'), 'GET', pods)), TooBusyError);
    await clock.advance(timeoutMs / 4);
    await refused;
  });
});

test('what is no schema and no level is refused, and changes nothing', async () => {
  const { control, enter, limitOf } = bench();
  for (const broken of [{ metadata: {} }, { metadata: {}, spec: null }, { metadata: {}, spec: { rules: [null] } }]) {
    assert.throws(() => control.setSchema('global-default', broken as never), TypeError);
  }
  for (const broken of [{ metadata: {} }, { metadata: {}, spec: null }]) {
    assert.throws(() => control.setLevel('global-default', broken as never), TypeError);
  }
  control.apply();
  assert.ok(limitOf('global-default') > 0);
  (await enter(user('jane'), 'GET', pods)).release();
});

test('a request that need not wait pays microseconds', () => {
  const metrics = new FlowControlMetrics(new MetricsRegistry());
  const control = new FlowControl({ clock: realClock, metrics, serverSeats: 600, storedOf: () => undefined });
  for (const level of bootstrapPriorityLevels) control.setLevel(level.metadata.name, level);
  for (const schema of bootstrapFlowSchemas) control.setSchema(schema.metadata.name, schema);
  control.apply();
  const { exchange, info } = request('GET', `${pods}/x`);
  const jane = user('jane', 'g1', 'g2', 'g3');
  const count = 20_000;
  let bestUs = Infinity;
  for (let round = 0; round < 10; round++) {
    const startMs = performance.now();
    for (let i = 0; i < count; i++) {
      const entered = control.enter(exchange, info, jane, timeoutMs);
      if (entered instanceof Promise) throw new Error('it had to wait');
      entered.release();
    }
    bestUs = Math.min(bestUs, ((performance.now() - startMs) * 1000) / count);
  }
  assert.ok(bestUs <= 3, `${bestUs.toFixed(2)} µs`);
});
