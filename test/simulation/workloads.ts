/** The objects that simulated users make. Names and selectors are few, so that one may find what another left. */
import type { CronJob, Job } from '../../src/api/types/batch.v1.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../src/api/types/apps.v1.ts';
import type { PodTemplateSpec, Service } from '../../src/api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../../src/api/types/policy.v1.ts';
import type { Random } from '../../src/machinery/random.ts';
import { scriptAnnotation } from '../../src/kubelet/runtime/simulated/script.ts';

export interface Names {
  readonly namespace: string;
  readonly name: string;
}

export const mostReplicas = 5;

export function chosen<T>(random: Random, values: readonly T[]): T {
  const value = values[random.int(values.length)];
  if (value === undefined) throw new RangeError('there is nothing to choose from');
  return value;
}

/** By which everything of one workload is selected. */
export function labelsOf(kind: string, name: string): Record<string, string> {
  return { kind, app: name };
}

function template(random: Random, labels: Record<string, string>): PodTemplateSpec {
  const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 1 + random.int(5), periodSeconds: 5 };
  const image = `app:${random.int(3)}`;
  const resources = { requests: { cpu: '50m' } };
  const probed = random.int(3) === 0 ? { readinessProbe } : {};
  const grace = random.int(3) === 0 ? { onStop: { exitAfterMs: random.int(20_000) } } : {};
  const script = JSON.stringify({ '*': { startDelayMs: random.int(3) * 500, ...grace } });
  return {
    metadata: { labels, annotations: { [scriptAnnotation]: script } },
    spec: { containers: [{ name: 'app', image, resources, ...probed }] },
  };
}

function endingTemplate(random: Random, labels: Record<string, string>): PodTemplateSpec {
  const first = { exitAfterMs: 1000 + random.int(60_000), exitCode: random.int(4) === 0 ? 1 : 0 };
  const later = { exitAfterMs: 1000 + random.int(10_000) };
  return {
    metadata: { labels, annotations: { [scriptAnnotation]: JSON.stringify({ app: { runs: [first, later] } }) } },
    spec: { restartPolicy: 'OnFailure', containers: [{ name: 'app', image: 'job:1' }] },
  };
}

export function deployment(random: Random, { namespace, name }: Names): Deployment {
  const labels = labelsOf('deployment', name);
  return {
    metadata: { namespace, name },
    spec: {
      replicas: random.int(mostReplicas + 1),
      selector: { matchLabels: labels },
      template: template(random, labels),
      strategy:
        random.int(4) === 0
          ? { type: 'Recreate' }
          : { type: 'RollingUpdate', rollingUpdate: { maxSurge: random.int(3), maxUnavailable: 1 + random.int(2) } },
    },
  };
}

export function replicaSet(random: Random, { namespace, name }: Names): ReplicaSet {
  const labels = labelsOf('replicaset', name);
  return {
    metadata: { namespace, name },
    spec: {
      replicas: random.int(mostReplicas + 1),
      selector: { matchLabels: labels },
      template: template(random, labels),
    },
  };
}

export function statefulSet(random: Random, { namespace, name }: Names): StatefulSet {
  const labels = labelsOf('statefulset', name);
  return {
    metadata: { namespace, name },
    spec: {
      serviceName: name,
      replicas: random.int(mostReplicas + 1),
      podManagementPolicy: random.int(2) === 0 ? 'Parallel' : 'OrderedReady',
      selector: { matchLabels: labels },
      template: template(random, labels),
    },
  };
}

export function daemonSet(random: Random, { namespace, name }: Names): DaemonSet {
  const labels = labelsOf('daemonset', name);
  return {
    metadata: { namespace, name },
    spec: { selector: { matchLabels: labels }, template: template(random, labels) },
  };
}

export function job(random: Random, { namespace, name }: Names): Job {
  return { metadata: { namespace, name }, spec: jobSpec(random, labelsOf('job', name)) };
}

function jobSpec(random: Random, labels: Record<string, string>): NonNullable<Job['spec']> {
  return {
    completions: 1 + random.int(4),
    parallelism: 1 + random.int(3),
    backoffLimit: 20,
    completionMode: random.int(2) === 0 ? 'Indexed' : 'NonIndexed',
    template: endingTemplate(random, labels),
    ...(random.int(2) === 0 ? { ttlSecondsAfterFinished: random.int(60) } : {}),
  };
}

export function cronJob(random: Random, { namespace, name }: Names): CronJob {
  return {
    metadata: { namespace, name },
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy: chosen(random, ['Allow', 'Forbid', 'Replace']),
      jobTemplate: { spec: jobSpec(random, labelsOf('cronjob', name)) },
    },
  };
}

export function service(random: Random, { namespace, name }: Names): Service {
  const kind = chosen(random, ['deployment', 'replicaset', 'statefulset', 'daemonset']);
  return {
    metadata: { namespace, name },
    spec: {
      type: random.int(2) === 0 ? 'NodePort' : 'ClusterIP',
      selector: labelsOf(kind, name),
      ports: [{ port: 80 }],
    },
  };
}

export function budget(random: Random, { namespace, name }: Names): PodDisruptionBudget {
  const kind = chosen(random, ['deployment', 'replicaset', 'statefulset']);
  const bound = random.int(2) === 0 ? { minAvailable: 1 + random.int(3) } : { maxUnavailable: 1 + random.int(2) };
  return {
    metadata: { namespace, name: `${kind}-${name}` },
    spec: { selector: { matchLabels: labelsOf(kind, name) }, ...bound },
  };
}
