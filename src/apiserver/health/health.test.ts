import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { versionInfo } from '../../machinery/version.ts';
import type { RangeResponse, Store } from '../../store/contract.ts';
import { healthEndpoints, HealthChecks } from '../../machinery/health-checks.ts';
import { storeCheck } from './store-check.ts';

function checksWith(): { checks: HealthChecks; failures: string[]; failing: { etcd: boolean } } {
  const failures: string[] = [];
  const failing = { etcd: false };
  const checks = new HealthChecks({
    onFailure: (endpoint, name, error) => failures.push(`${endpoint} ${name} ${String(error)}`),
  });
  checks.add(healthEndpoints, 'etcd', async () => {
    if (failing.etcd) throw new Error('no disk');
  });
  checks.add(['readyz'], 'poststarthook/bootstrap-controller', () => {});
  return { checks, failures, failing };
}
const ask = async (checks: HealthChecks, path: string): Promise<readonly [number, string] | undefined> => {
  const url = new URL(path, 'https://server');
  const response = await checks.respond(url.pathname, url.searchParams);
  if (response === undefined) return undefined;
  assert.equal(response.contentType, 'text/plain; charset=utf-8');
  return [response.status, response.body];
};

describe('health', () => {
  test('is ok, or every check with its outcome', async () => {
    const { checks } = checksWith();
    for (const endpoint of healthEndpoints) assert.deepEqual(await ask(checks, `/${endpoint}`), [200, 'ok']);
    assert.deepEqual(await ask(checks, '/livez?verbose'), [200, '[+]ping ok\n[+]etcd ok\nlivez check passed\n']);
    assert.deepEqual(await ask(checks, '/readyz?verbose=true'), [
      200,
      '[+]ping ok\n[+]etcd ok\n[+]poststarthook/bootstrap-controller ok\nreadyz check passed\n',
    ]);
    assert.equal(await checks.passes('readyz'), true);
  });

  test('that fails names the checks, and the log has the reasons', async () => {
    const { checks, failures, failing } = checksWith();
    failing.etcd = true;
    assert.deepEqual(await ask(checks, '/livez'), [
      500,
      '[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n',
    ]);
    assert.deepEqual(failures, ['livez etcd Error: no disk']);
    assert.equal(await checks.passes('readyz'), false);
  });

  test('can leave checks out', async () => {
    const { checks, failing } = checksWith();
    failing.etcd = true;
    assert.deepEqual(await ask(checks, '/livez?exclude=etcd'), [200, 'ok']);
    assert.deepEqual(await ask(checks, '/livez?verbose&exclude=etcd&exclude=z&exclude=y"'), [
      200,
      '[+]ping ok\n[+]etcd excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "y\\"","z"\nlivez check passed\n',
    ]);
  });

  test('of one part has its own path', async () => {
    const { checks, failing } = checksWith();
    assert.deepEqual(await ask(checks, '/readyz/etcd'), [200, 'ok']);
    assert.deepEqual(await ask(checks, '/readyz/poststarthook/bootstrap-controller'), [200, 'ok']);
    failing.etcd = true;
    assert.deepEqual(await ask(checks, '/readyz/etcd'), [500, 'internal server error: no disk\n']);
    assert.equal(await ask(checks, '/livez/poststarthook/bootstrap-controller'), undefined);
    assert.equal(await ask(checks, '/readyz/none'), undefined);
    assert.equal(await ask(checks, '/metrics'), undefined);
    assert.throws(() => checks.add(['readyz'], 'etcd', () => {}), /two checks/);
  });
});

describe('the store', () => {
  test('is healthy while it answers, and is asked once at a time', async () => {
    const clock = new VirtualClock();
    const waiting: ((response: RangeResponse) => void)[] = [];
    const store = {
      range: () => new Promise<RangeResponse>((resolve) => waiting.push(resolve)),
    } as unknown as Store;
    const check = storeCheck(store, clock);
    const [first, second] = [check(), check()];
    assert.equal(waiting.length, 1);
    waiting[0]?.({ revision: 1, kvs: [], more: false, count: 0 });
    await Promise.all([first, second]);
    const overdue = assert.rejects(async () => check(), /error getting data from etcd: timed out/);
    await clock.advance(2000);
    await overdue;
    assert.equal(waiting.length, 2);
  });
});

test('the version is one that clients can compare, and does not claim to be Go', () => {
  const version = versionInfo();
  assert.match(version.gitVersion, /^v1\.36\.\d+\+kubets$/);
  assert.equal(version.major, '1');
  assert.equal(version.minor, '36');
  assert.match(version.goVersion, /^node\d+\./);
  assert.match(version.platform, /^[a-z]+\/[a-z0-9]+$/);
  assert.ok(!Number.isNaN(Date.parse(version.buildDate)));
});
