// [sig-cli] items that need Pods which run: over HTTPS, on simulated nodes and the real clock.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cluster } from '../../src/cluster/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { findKubectls, KubectlRunner } from '../support/kubectl.ts';
import { linesOf } from '../support/kubectl-session.ts';
import { removeDirectory, temporaryDirectory } from '../support/server.ts';

const [newest] = (await findKubectls()).toSorted((a, b) => b.minor - a.minor);
const skip = newest === undefined ? 'NO KUBECTL: neither on the PATH nor from Debian.' : false;
let cluster: Cluster;
let home: string;
let kubectl: KubectlRunner;

before(async () => {
  if (newest === undefined) return;
  cluster = await Cluster.start({ nodes: 2 });
  home = await temporaryDirectory();
  kubectl = new KubectlRunner(newest, cluster.kubeconfig, home);
});
after(async () => {
  if (newest === undefined) return;
  await cluster.stop();
  await removeDirectory(home);
});

const run = (line: string, input?: object): Promise<string> =>
  kubectl.run(line.split(' '), input === undefined ? {} : { input: JSON.stringify(input) });

function podTemplate(labels: object): object {
  return {
    metadata: { labels },
    spec: { containers: [{ name: 'update-demo', image: 'registry.example/nautilus:1.5' }] },
  };
}

async function startDemo(replicas: number): Promise<void> {
  const labels = { name: 'update-demo', version: 'nautilus' };
  await run('create -f -', {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'update-demo-nautilus' },
    spec: { replicas, selector: labels, template: podTemplate(labels) },
  });
  await demoRuns(replicas);
}

/** As upstream's test sees it: by templates over what kubectl gets. */
async function demoRuns(replicas: number): Promise<void> {
  const template =
    '{{range .items}}{{.metadata.name}} {{range .status.containerStatuses}}{{.state.running.startedAt}}{{end}}\n{{end}}';
  await eventually(`${replicas} Pods run`, async () => {
    const text = await kubectl.run([
      'get',
      'pods',
      '-l',
      'name=update-demo',
      '-o',
      'go-template',
      '--template',
      template,
    ]);
    const lines = linesOf(text);
    return lines.length === replicas && lines.every((line) => /^update-demo-nautilus-\w+ \d{4}-/.test(line));
  });
}

async function stopDemo(): Promise<void> {
  await run('delete --grace-period=0 --wait=true rc update-demo-nautilus --cascade=foreground');
  assert.equal(await run('get rc,svc -l name=update-demo --no-headers'), '');
  assert.deepEqual(linesOf(await run('get pods -l name=update-demo -o name')), []);
}

test('[sig-cli] Kubectl client Update Demo should create and stop a replication controller', { skip }, async () => {
  await startDemo(2);
  await stopDemo();
});

test('[sig-cli] Kubectl client Update Demo should scale a replication controller', { skip }, async () => {
  await startDemo(2);
  await run('scale rc update-demo-nautilus --replicas=1 --timeout=5m');
  await demoRuns(1);
  await run('scale rc update-demo-nautilus --replicas=2 --timeout=5m');
  await demoRuns(2);
  await stopDemo();
});

test(
  '[sig-cli] Kubectl client Guestbook application should create and stop a working application',
  { skip },
  async () => {
    const parts = [
      ['agnhost-replica', 2],
      ['agnhost-primary', 1],
      ['frontend', 3],
    ] as const;
    const items = parts.flatMap(([name, replicas]) => {
      const labels = { app: 'guestbook', tier: name };
      const spec = { replicas, selector: { matchLabels: labels }, template: podTemplate(labels) };
      return [
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, labels },
          spec: { selector: labels, ports: [{ port: 80 }] },
        },
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec },
      ];
    });
    const guestbook = { apiVersion: 'v1', kind: 'List', items };
    await run('create -f -', guestbook);
    for (const [name, replicas] of parts) {
      await run(`rollout status deployment/${name} --timeout=60s`);
      await eventually(`${name} has its endpoints`, async () => {
        const path = 'jsonpath={range .items[*].endpoints[*]}{.addresses[0]}{"\\n"}{end}';
        const line = ['get', 'endpointslices', '-l', `kubernetes.io/service-name=${name}`, '-o', path];
        return linesOf(await kubectl.run(line)).length === replicas;
      });
    }
    await run('delete --grace-period=0 -f -', guestbook);
    await eventually('nothing of it is left', async () => {
      return linesOf(await run('get pods,rs,deployments,services -l app=guestbook -o name')).length === 0;
    });
  },
);
