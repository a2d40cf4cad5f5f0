/** A small schema with every kind of field, for tests of strategic merge patches. */
import type { PatchField, PatchSchema } from './schema.ts';

function struct(name: string, fields: Readonly<Record<string, PatchField>>): PatchSchema {
  const table = new Map(Object.entries(fields));
  return { name, field: (key) => table.get(key) };
}

const scalar: PatchField = { kind: 'scalar', strategies: [] };
const scalars: PatchField = { kind: 'map', strategies: [] };

function listOf(schema: PatchSchema, mergeKey: string, ...strategies: readonly string[]): PatchField {
  return { kind: 'list', strategies: ['merge', ...strategies], mergeKey, schema };
}

const meta = struct('ObjectMeta', {
  name: scalar,
  labels: scalars,
  annotations: scalars,
  finalizers: { kind: 'list', strategies: ['merge'] },
});

const container = struct('Container', {
  name: scalar,
  image: scalar,
  env: listOf(struct('EnvVar', { name: scalar, value: scalar }), 'name'),
  ports: listOf(struct('ContainerPort', { containerPort: scalar, protocol: scalar }), 'containerPort'),
});

const volume = struct('Volume', { name: scalar, emptyDir: scalars, hostPath: scalars });
const condition = struct('PodCondition', { type: scalar, status: scalar });

export const podSchema = struct('PodSpec', {
  metadata: { kind: 'map', strategies: [], schema: meta },
  nodeName: scalar,
  hostname: scalar,
  nodeSelector: scalars,
  securityContext: { kind: 'map', strategies: [], schema: struct('PodSecurityContext', { runAsUser: scalar }) },
  affinity: { kind: 'map', strategies: ['replace'] },
  tolerations: { kind: 'list', strategies: [] },
  containers: listOf(container, 'name'),
  volumes: listOf(volume, 'name', 'retainKeys'),
  strategy: {
    kind: 'map',
    strategies: ['retainKeys'],
    schema: struct('DeploymentStrategy', { type: scalar, rollingUpdate: scalars }),
  },
  raw: { kind: 'map', strategies: [] },
  status: {
    kind: 'map',
    strategies: [],
    schema: struct('PodStatus', { phase: scalar, conditions: listOf(condition, 'type') }),
  },
});
