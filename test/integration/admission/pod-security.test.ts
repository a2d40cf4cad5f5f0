// PodSecurity.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { removeDirectory, temporaryDirectory } from '../../support/server.ts';
import { AdmissionServer, image, podWith, refused, type Answer, type Room } from './admission-server.ts';

const directory = await temporaryDirectory();
after(() => removeDirectory(directory));
const configuration = join(directory, 'admission.yaml');
await writeFile(
  configuration,
  `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {warn: baseline, warn-version: latest}
    exemptions:
      usernames: [trusted]
      namespaces: [exempt]
      runtimeClasses: [sandboxed]
`,
);
const args = [`--admission-control-config-file=${configuration}`, '--authorization-mode=AlwaysAllow'];
const server = AdmissionServer.forTests({ args });
const prefix = 'pod-security.kubernetes.io/';

function enforcing(level: string, version = 'latest'): Promise<Room> {
  return server.newNamespace({ [`${prefix}enforce`]: level, [`${prefix}enforce-version`]: version });
}

const strict = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A Pod that meets every level, but for what is changed in it. */
function safe(extra: object = {}, securityContext: object = {}): object {
  return { containers: [{ name: 'c', image, securityContext: { ...strict, ...securityContext } }], ...extra };
}

test('restricted names everything that a usual Pod does not say', async () => {
  const room = await enforcing('restricted');
  await room.refusesPod(
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": ' +
      'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
      'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
  await room.pod(safe());
});

const baseline: readonly (readonly [string, object])[] = [
  ['host namespaces (hostNetwork=true, hostPID=true)', safe({ hostNetwork: true, hostPID: true })],
  ['hostPath volumes (volume "v")', safe({ volumes: [{ name: 'v', hostPath: { path: '/' } }] })],
  [
    'privileged (container "c" must not set securityContext.privileged=true)',
    safe({}, { privileged: true, allowPrivilegeEscalation: true }),
  ],
  [
    'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)',
    safe({}, { capabilities: { add: ['NET_ADMIN'] } }),
  ],
  [
    'hostPort (container "c" uses hostPorts 80, 81)',
    safe({
      containers: [{ name: 'c', image, ports: [81, 80].map((port) => ({ containerPort: port, hostPort: port })) }],
    }),
  ],
  [
    'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
    safe({}, { appArmorProfile: { type: 'Unconfined' } }),
  ],
  [
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)',
    safe({ securityContext: { seLinuxOptions: { type: 'x', user: 'u' } } }),
  ],
  [
    'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    safe({ securityContext: { seccompProfile: { type: 'Unconfined' } } }, { seccompProfile: { type: 'Unconfined' } }),
  ],
  [
    'forbidden sysctls (net.ipv4.ip_forward)',
    safe({ securityContext: { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] } }),
  ],
  [
    'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    safe({ securityContext: { windowsOptions: { hostProcess: true } }, hostNetwork: true }),
  ],
  [
    'probe or lifecycle host (container "c" uses probe or lifecycle host "127.0.0.1")',
    safe({ containers: [{ name: 'c', image, livenessProbe: { httpGet: { port: 80, host: '127.0.0.1' } } }] }),
  ],
];

describe('baseline refuses', () => {
  for (const [violation, spec] of baseline) {
    test(violation, async () => {
      const room = await enforcing('baseline');
      const escaped = violation.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      await room.refusesPod(new RegExp(`violates PodSecurity "baseline:latest": .*${escaped}`), spec);
      const free = await enforcing('privileged');
      await free.pod(spec);
    });
  }
});

describe('containers of every sort are looked at', () => {
  const bad = { name: 'x', image, securityContext: { privileged: true } };
  const message = /privileged \(container "x" must not set securityContext.privileged=true\)/;

  test('init containers and sidecars', async () => {
    const room = await enforcing('baseline');
    await room.refusesPod(message, safe({ initContainers: [bad] }));
    await room.refusesPod(message, safe({ initContainers: [{ ...bad, restartPolicy: 'Always' }] }));
  });

  test('ephemeral containers', async () => {
    const room = await enforcing('baseline');
    await room.pod(safe());
    const pod = await server.client.get<Answer>(room.path('Pod', 'p'));
    const body = { ...pod, spec: { ...(pod['spec'] as object), ephemeralContainers: [bad] } };
    const path = `${room.path('Pod', 'p')}/ephemeralcontainers`;
    await refused(server.client.request('PUT', path, { body }), 403, message);
  });
});

test('an older version of the standards asks for less', async () => {
  const room = await enforcing('restricted', 'v1.7');
  const spec = { containers: [{ name: 'c', image, securityContext: { runAsNonRoot: true } }] };
  await room.pod(spec);
  const newer = await enforcing('restricted', 'v1.8');
  await newer.refusesPod(
    'pods "p" is forbidden: violates PodSecurity "restricted:v1.8": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)',
    spec,
  );
});

test('a Pod that is there may be changed in what the standards do not look at', async () => {
  const room = await server.newNamespace();
  await room.pod({ hostNetwork: true });
  server.takeWarnings();
  const labels = { [`${prefix}enforce`]: 'baseline' };
  const contentType = 'application/merge-patch+json';
  await server.client.request('PATCH', `/api/v1/namespaces/${room.name}`, {
    body: { metadata: { labels } },
    contentType,
  });
  assert.deepEqual(server.takeWarnings(), [
    `existing pods in namespace "${room.name}" violate the new PodSecurity enforce level "baseline:latest"`,
    'p: host namespaces',
  ]);
  const path = room.path('Pod', 'p');
  await server.client.request('PATCH', path, { body: { metadata: { labels: { a: 'b' } } }, contentType });
  const body = { spec: { containers: [{ name: 'c', image: 'registry.example/c:2' }] } };
  await refused(
    server.client.request('PATCH', path, { body, contentType: 'application/strategic-merge-patch+json' }),
    403,
    'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  );
});

test('a workload is warned about, by the level to warn of', async () => {
  const room = await server.newNamespace({ [`${prefix}enforce`]: 'baseline', [`${prefix}warn`]: 'baseline' });
  server.takeWarnings();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image }], hostPID: true } };
  const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
  await server.create(`/apis/apps/v1/namespaces/${room.name}/deployments`, body);
  assert.deepEqual(server.takeWarnings(), [
    'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  ]);
});

test('the configuration’s defaults hold where a namespace says nothing', async () => {
  const room = await server.newNamespace();
  server.takeWarnings();
  await room.pod({ hostIPC: true });
  assert.deepEqual(server.takeWarnings(), [
    'would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)',
  ]);
});

test('users, namespaces and runtime classes can be exempt', async () => {
  const room = await enforcing('baseline');
  const pod = podWith({ hostPID: true });
  await server.as({ username: 'trusted' }, (client) => client.request('POST', room.path('Pod'), { body: pod }));
  await server.create('/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name: 'sandboxed' }, handler: 's' });
  await room.pod({ hostPID: true, runtimeClassName: 'sandboxed' }, { name: 'sandboxed' });
  const labels = { [`${prefix}enforce`]: 'restricted' };
  await server.create('/api/v1/namespaces', { metadata: { name: 'exempt', labels } });
  await server.create('/api/v1/namespaces/exempt/pods', pod);
  await room.refusesPod(/violates PodSecurity/, { hostPID: true }, { name: 'other' });
});

test('labels that make no sense are refused', async () => {
  const labels = { [`${prefix}enforce`]: 'strict', [`${prefix}warn-version`]: '1.20' };
  await refused(
    server.create('/api/v1/namespaces', { metadata: { name: 'wrong', labels } }),
    422,
    'Namespace "wrong" is invalid: [' +
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, ' +
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.20": must be "latest" or "v1.x"]',
  );
});

test('decisions are counted', async () => {
  const { url, config } = server.server;
  const agent = new Agent({ ca: config.tls.ca, cert: config.credentials.certificate, key: config.credentials.key });
  const text = await new Promise<string>((resolve, reject) => {
    const request = get(`${url}/metrics`, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('end', () => resolve(body));
    });
    request.on('error', reject);
  });
  agent.destroy();
  const labels =
    'policy_level="restricted",policy_version="v1.8",mode="enforce",request_operation="create",resource="pod"';
  assert.match(text, new RegExp(`pod_security_evaluations_total{decision="deny",${labels},subresource=""} 1\n`));
  assert.match(text, /pod_security_exemptions_total{request_operation="create",resource="pod",subresource=""} 3\n/);
});
