import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../schema/decode.ts';
import type { Container, Pod, PodTemplateSpec, Volume } from '../types/core.v1.ts';
import { imageTag } from './image-reference.ts';
import { setPodDefaults, setPodTemplateDefaults } from './pod-defaults.ts';
import { pods } from './pods.ts';

function podOf(spec: object, rest: object = {}): Pod {
  return decode(pods.schema, { metadata: { name: 'p' }, spec, ...rest }) as unknown as Pod;
}

function defaulted(spec: object, rest: object = {}): Pod {
  const pod = podOf(spec, rest);
  setPodDefaults(pod);
  return pod;
}

function container(fields: object): Container {
  const [first] = defaulted({ containers: [{ name: 'c', image: 'i', ...fields }] }).spec.containers ?? [];
  assert.ok(first);
  return first;
}

function volume(source: object): Volume {
  const [first] = defaulted({ containers: [], volumes: [{ name: 'v', ...source }] }).spec.volumes ?? [];
  assert.ok(first);
  return first;
}

test('a minimal Pod gets every default that upstream gives it', () => {
  assert.deepEqual(
    { ...defaulted({ containers: [{ name: 'c', image: 'nginx' }] }).spec },
    {
      containers: [
        {
          name: 'c',
          image: 'nginx',
          resources: {},
          imagePullPolicy: 'Always',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    },
  );
});

test('what is given stays', () => {
  const given = {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        imagePullPolicy: 'Never',
        terminationMessagePath: '/x',
        terminationMessagePolicy: 'FallbackToLogsOnError',
        resources: {},
      },
    ],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    dnsPolicy: 'None',
    schedulerName: 'mine',
    enableServiceLinks: false,
    securityContext: { runAsUser: 1 },
  };
  assert.deepEqual(JSON.parse(JSON.stringify(defaulted(given).spec)), given);
});

test('the spec of a template gets no defaults that are of Pods alone', () => {
  const template: PodTemplateSpec = {
    spec: { containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: '1' } } }] },
  };
  setPodTemplateDefaults(template);
  assert.equal(template.spec?.enableServiceLinks, undefined);
  assert.equal(template.spec?.containers?.[0]?.resources?.requests, undefined);
  assert.equal(template.spec?.schedulerName, 'default-scheduler');
  assert.equal(template.spec?.containers?.[0]?.imagePullPolicy, 'IfNotPresent');
});

test('the tag of an image decides how it is pulled', () => {
  const hash = `sha256:${'a'.repeat(64)}`;
  const tags: readonly [string, string][] = [
    ['nginx', 'latest'],
    ['nginx:latest', 'latest'],
    ['nginx:1.27', '1.27'],
    ['docker.io/library/nginx', 'latest'],
    ['localhost:5000/nginx', 'latest'],
    ['localhost:5000/nginx:v1', 'v1'],
    ['[::1]:5000/a/b', 'latest'],
    [`nginx@${hash}`, ''],
    [`nginx:latest@${hash}`, 'latest'],
    [`a/b:v2@${hash}`, 'v2'],
    ['', ''],
    ['Nginx', ''],
    ['a//b', ''],
    ['nginx:', ''],
    ['nginx@sha256:short', ''],
    ['a'.repeat(256), ''],
    ['b'.repeat(64), ''],
  ];
  for (const [image, tag] of tags) assert.equal(imageTag(image), tag, image);
  assert.equal(container({ image: 'a:1' }).imagePullPolicy, 'IfNotPresent');
  assert.equal(container({ image: 'a' }).imagePullPolicy, 'Always');
});

test('probes, handlers and field references are completed', () => {
  const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  const complete = container({
    livenessProbe: { httpGet: { port: 80 } },
    readinessProbe: { exec: { command: ['x'] }, periodSeconds: 5 },
    startupProbe: { grpc: { port: 1 } },
    lifecycle: { preStop: { httpGet: { port: 1 } }, postStart: { exec: { command: ['y'] } } },
    env: [
      { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'B', value: '1' },
    ],
  });
  assert.deepEqual({ ...complete.livenessProbe }, { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, ...probe });
  assert.equal(complete.readinessProbe?.periodSeconds, 5);
  assert.equal(complete.startupProbe?.failureThreshold, 3);
  assert.equal(complete.lifecycle?.preStop?.httpGet?.path, '/');
  assert.equal(complete.env?.[0]?.valueFrom?.fieldRef?.apiVersion, 'v1');
});

test('volumes are completed by their kind', () => {
  const cases: readonly [object, object][] = [
    [{}, { emptyDir: {} }],
    [{ secret: { secretName: 's' } }, { secret: { secretName: 's', defaultMode: 420 } }],
    [{ configMap: { name: 'c', defaultMode: 0 } }, { configMap: { name: 'c', defaultMode: 0 } }],
    [{ hostPath: { path: '/' } }, { hostPath: { path: '/', type: '' } }],
    [
      { downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'f' } }] } },
      { downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'f', apiVersion: 'v1' } }], defaultMode: 420 } },
    ],
    [
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 420 } },
    ],
    [{ image: { reference: 'a:1' } }, { image: { reference: 'a:1', pullPolicy: 'IfNotPresent' } }],
  ];
  for (const [source, expected] of cases) {
    assert.deepEqual(JSON.parse(JSON.stringify(volume(source))), { name: 'v', ...expected });
  }
  const claim = volume({ ephemeral: { volumeClaimTemplate: { spec: {} } } });
  assert.equal(claim.ephemeral?.volumeClaimTemplate?.spec?.volumeMode, 'Filesystem');
});

test('the two names of the service account are kept alike', () => {
  assert.equal(defaulted({ containers: [], serviceAccountName: 'a' }).spec.serviceAccount, 'a');
  assert.equal(defaulted({ containers: [], serviceAccount: 'b' }).spec.serviceAccountName, 'b');
  const both = defaulted({ containers: [], serviceAccount: 'b', serviceAccountName: 'a' });
  assert.equal(both.spec.serviceAccount, 'a');
});

test('requests default to limits, and what is finer than a thousandth is rounded up', () => {
  const { resources } = container({
    resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100u' } },
  });
  assert.deepEqual(resources, { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1m', memory: '1Gi' } });
});

test('ports of the host network are ports of the host', () => {
  const spec = { hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] };
  assert.equal(defaulted(spec).spec.containers?.[0]?.ports?.[0]?.hostPort, 80);
  const own = { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] };
  assert.equal(defaulted(own).spec.containers?.[0]?.ports?.[0]?.hostPort, undefined);
});

test('resources of the whole Pod are completed from its containers', () => {
  const sidecar = { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } };
  const init = { name: 'i', resources: { requests: { cpu: '2' } } };
  const main = {
    name: 'c',
    resources: { requests: { cpu: '500m', memory: '1Mi' }, limits: { 'hugepages-2Mi': '4Mi' } },
  };
  const { resources } = defaulted({
    resources: { limits: { cpu: '4', memory: '1Gi' } },
    initContainers: [sidecar, init],
    containers: [main],
  }).spec;
  assert.deepEqual(resources, {
    limits: { cpu: '4', memory: '1Gi', 'hugepages-2Mi': '4Mi' },
    // The init container beside the sidecar needs more than the container beside it.
    requests: { cpu: '2100m', memory: '1Mi', 'hugepages-2Mi': '4Mi' },
  });
  assert.deepEqual(defaulted({ resources: {}, containers: [main] }).spec.resources, {});
});

test('podIP and podIPs are kept alike', () => {
  const ips = (status: object): unknown => {
    const { podIP, podIPs } = defaulted({ containers: [] }, { status }).status ?? {};
    return [podIP, podIPs?.map(({ ip }) => ip)];
  };
  assert.deepEqual(ips({ podIP: 'a' }), ['a', ['a']]);
  assert.deepEqual(ips({ podIPs: [{ ip: 'a' }, { ip: 'b' }] }), ['a', ['a', 'b']]);
  assert.deepEqual(ips({ podIP: 'c', podIPs: [{ ip: 'a' }, { ip: 'b' }] }), ['c', ['c']]);
  assert.deepEqual(ips({ podIP: 'a', podIPs: [{ ip: 'a' }, { ip: 'b' }] }), ['a', ['a', 'b']]);
});

test('defaults are complete after one pass', () => {
  const pod = defaulted({
    hostNetwork: true,
    volumes: [{ name: 'v' }, { name: 'w', projected: {} }],
    initContainers: [{ name: 'i', resources: { limits: { cpu: '1' } } }],
    containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 1 }], livenessProbe: { httpGet: { port: 1 } } }],
  });
  const once = structuredClone(pod);
  setPodDefaults(pod);
  assert.deepEqual(pod, once);
});
