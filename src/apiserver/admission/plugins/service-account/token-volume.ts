import type { Container, PodSpec, Volume } from '../../../../api/types/core.v1.ts';
import { generatedName } from '../../../../machinery/generated-name.ts';
import type { Random } from '../../../../machinery/random.ts';

/** Where client libraries look for the token. */
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and a little: the kubelet then renews it before it is an hour old. */
const expirationSeconds = 3607;

/** Mounts a token, the cluster's authority and the namespace into every container that mounts nothing there itself. */
export function mountToken(spec: PodSpec, random: Random): void {
  const present = (spec.volumes ?? []).find(({ name }) => name?.startsWith(volumePrefix));
  const name = present?.name ?? generatedName(volumePrefix, random);
  let isNeeded = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (mount(container, name)) isNeeded = true;
  }
  if (present === undefined && isNeeded) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function mount(container: Container, name: string): boolean {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((one) => one.mountPath === mountPath)) return false;
  container.volumeMounts = [...mounts, { name, readOnly: true, mountPath }];
  return true;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
