/** The objects that load consists of. Their shapes stay as they are: figures of all runs rest on them. */

export const namespace = 'apiload';
/** Pods carry one of so many values of the label `shard`: a selector finds one in so many. */
export const shards = 50;

const collection = `/api/v1/namespaces/${namespace}`;
export const podsPath = `${collection}/pods`;
export const configMapsPath = `${collection}/configmaps`;

/** A Pod of about 1.2 KB, 2.7 KB with defaults. Nothing schedules it or mounts a token into it. */
export function pod(name: string, shard: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: 'load', shard: String(shard % shards) },
      annotations: { note: 'x'.repeat(300) },
    },
    spec: {
      schedulerName: 'nobody',
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'a',
          image: 'registry.example/app:1',
          command: ['/bin/app', '--flag=1'],
          env: Array.from({ length: 10 }, (_, i) => ({ name: `VAR_${i}`, value: `value-${i}` })),
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
          ports: [{ containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 8080 } },
        },
      ],
    },
  });
}

export function configMap(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'y'.repeat(800) } });
}

/** What a kubelet says of a Pod, as a strategic merge patch. */
export const podStatusPatch = JSON.stringify({
  status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
});
