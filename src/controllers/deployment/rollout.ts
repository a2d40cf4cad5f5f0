import type { Deployment, ReplicaSet } from '../../api/types/apps.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import { deployments, replicaSets } from '../../client/resources.ts';
import type { Clock } from '../../machinery/clock.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { replicasAnnotations } from './annotations.ts';
import { desiredReplicas, maxSurgeOf } from './limits.ts';

/** One look at a Deployment: what it is now, as far as this look has changed it, and the means to change more. */
export class Rollout {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  #deployment: Deployment;

  constructor(deployment: Deployment, client: Client, recorder: EventRecorder, clock: Clock) {
    this.#deployment = deployment;
    this.client = client;
    this.recorder = recorder;
    this.clock = clock;
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** Writes the Deployment's status and annotations; what follows goes on from what the server made of it. */
  async update(deployment: Deployment): Promise<void> {
    this.#deployment = await this.client.updateStatus(deployments, deployment);
  }

  /** Gives a ReplicaSet its size, and the annotations that proportional scaling reads later. */
  async resize(set: ReplicaSet, size: number): Promise<ReplicaSet> {
    const current = set.spec?.replicas ?? 1;
    const desired = desiredReplicas(this.#deployment);
    const annotations = {
      ...set.metadata.annotations,
      ...replicasAnnotations(desired, desired + maxSurgeOf(this.#deployment)),
    };
    if (current === size && semanticDeepEqual(annotations, set.metadata.annotations ?? {})) return set;
    const resized = await this.client.update(replicaSets, {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas: size },
    });
    if (current !== size) {
      const direction = current < size ? 'up' : 'down';
      const message = `Scaled ${direction} replica set ${set.metadata.name ?? ''} from ${current} to ${size}`;
      this.recorder.event(deployments, this.#deployment, 'Normal', 'ScalingReplicaSet', message);
    }
    return resized;
  }
}
