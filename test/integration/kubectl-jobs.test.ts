// What kubectl makes of Jobs and CronJobs, over HTTPS, on a cluster with controllers and simulated nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cluster } from '../../src/cluster/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { findKubectls, KubectlRunner } from '../support/kubectl.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';

/** A Job whose containers end after a moment. */
function jobSpec(exitCode: number, more: object = {}): object {
  const script = JSON.stringify({ main: { runs: [{ exitAfterMs: 20, exitCode }] } });
  const annotations = { 'simulated.kubets.dev/script': script };
  const containers = [{ name: 'main', image: 'registry.example/work:1' }];
  return { template: { metadata: { annotations }, spec: { restartPolicy: 'Never', containers } }, ...more };
}

function manifest(kind: 'Job' | 'CronJob', name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'batch/v1', kind, metadata: { name }, spec });
}

const kubectls = await findKubectls();
if (kubectls.length === 0) {
  test('kubectl', { skip: 'NO KUBECTL: neither on the PATH nor from Debian. None of these tests ran.' }, () => {});
}

for (const found of kubectls) {
  describe(`kubectl ${found.version}`, { timeout: 120_000 }, () => {
    let cluster: Cluster;
    let home: string;
    let kubectl: KubectlRunner;

    before(async () => {
      cluster = await Cluster.start({ nodes: 2 });
      home = await temporaryDirectory();
      kubectl = new KubectlRunner(found, cluster.kubeconfig, home);
    });
    after(async () => {
      await cluster.stop();
      await removeDirectory(home);
    });

    const podsOf = async (name: string): Promise<string[]> =>
      (await kubectl.run(['get', 'pods', '-l', `job-name=${name}`, '-o', 'name'])).split('\n').filter(Boolean);

    test('a Job is run, waited for, described and deleted with its Pods', async () => {
      const spec = jobSpec(0, { completions: 3, parallelism: 2, completionMode: 'Indexed' });
      await kubectl.run(['apply', '-f', '-'], { input: manifest('Job', 'work', spec) });
      await kubectl.run(['wait', '--for=condition=complete', 'job/work', '--timeout=30s']);
      assert.match(await kubectl.run(['get', 'job', 'work', '--no-headers']), /^work\s+(?:Complete\s+)?3\/3\s/);
      const description = await kubectl.run(['describe', 'job', 'work']);
      // Old ones know neither indexes nor readiness.
      const isOld = found.minor < 25;
      if (!isOld) assert.match(description, /Completed Indexes:\s+0-2\n/);
      const active = isOld ? '0 Running' : '0 Active \\(0 Ready\\)';
      assert.match(description, new RegExp(`Pods Statuses:\\s+${active} / 3 Succeeded / 0 Failed`));
      assert.match(description, /Normal\s+Completed\s.*job-controller\s+Job completed/);
      assert.equal((await podsOf('work')).length, 3);
      await kubectl.run(['delete', 'job', 'work', '--cascade=foreground', '--timeout=30s']);
      assert.deepEqual(await podsOf('work'), []);
    });

    test('a Job that fails says why', async () => {
      const spec = jobSpec(1, { backoffLimit: 0 });
      await kubectl.run(['apply', '-f', '-'], { input: manifest('Job', 'broken', spec) });
      await kubectl.run(['wait', '--for=condition=failed', 'job/broken', '--timeout=30s']);
      const description = await kubectl.run(['describe', 'job', 'broken']);
      assert.match(description, /Warning\s+BackoffLimitExceeded\s.*Job has reached the specified backoff limit/);
    });

    test('a Job is suspended and resumed', async () => {
      const spec = jobSpec(0, { suspend: true });
      await kubectl.run(['apply', '-f', '-'], { input: manifest('Job', 'later', spec) });
      await kubectl.run(['wait', '--for=condition=suspended', 'job/later', '--timeout=30s']);
      assert.deepEqual(await podsOf('later'), []);
      await kubectl.run(['patch', 'job', 'later', '-p', '{"spec":{"suspend":false}}']);
      await kubectl.run(['wait', '--for=condition=complete', 'job/later', '--timeout=30s']);
    });

    const skip = found.minor < 21 ? 'it knows CronJobs of batch/v1beta1 only' : false;
    test('a Job is made from a CronJob at once, and its success is noted', { skip }, async () => {
      const spec = { schedule: '0 0 1 1 *', timeZone: 'Europe/Berlin', jobTemplate: { spec: jobSpec(0) } };
      await kubectl.run(['apply', '-f', '-'], { input: manifest('CronJob', 'yearly', spec) });
      await kubectl.run(['create', 'job', '--from=cronjob/yearly', 'now']);
      await kubectl.run(['wait', '--for=condition=complete', 'job/now', '--timeout=30s']);
      await eventually('its success is noted', async () => {
        const path = 'jsonpath={.status.lastSuccessfulTime}';
        return (await kubectl.run(['get', 'cronjob', 'yearly', '-o', path])) !== '';
      });
      assert.match(
        await kubectl.run(['get', 'cronjob', 'yearly']),
        /\nyearly\s+0 0 1 1 \*\s+Europe\/Berlin\s+False\s+0\s/,
      );
      await kubectl.run(['delete', 'cronjob', 'yearly', '--cascade=foreground', '--timeout=30s']);
      assert.deepEqual(await podsOf('now'), []);
    });
  });
}
