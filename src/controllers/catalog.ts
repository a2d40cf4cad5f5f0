import type { ControllerDefinition } from './contract.ts';
import { bootstrapSignerController, tokenCleanerController } from './bootstrap/index.ts';
import {
  certificateApprovingController,
  certificateCleanerController,
  certificateSigningController,
} from './certificates/index.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation/index.ts';
import { cronJobController } from './cron-job/index.ts';
import { daemonSetController } from './daemon-set/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointSliceController } from './endpoint-slice/index.ts';
import { endpointsController } from './endpoints/index.ts';
import { ephemeralVolumeController } from './ephemeral-volume/index.ts';
import { garbageCollectorController } from './garbage-collector/index.ts';
import { jobController } from './job/index.ts';
import { namespaceController } from './namespace/index.ts';
import { nodeIPAMController } from './node-ipam/index.ts';
import { nodeLifecycleController } from './node-lifecycle/index.ts';
import { persistentVolumeBinderController } from './persistent-volume/index.ts';
import { podGarbageCollector } from './pod-garbage-collector/index.ts';
import { replicaSetController, replicationControllerController } from './replica-set/index.ts';
import { resourceQuotaController } from './resource-quota/index.ts';
import { rootCAPublisher } from './root-ca/index.ts';
import { serviceAccountController } from './service-account/index.ts';
import { legacyTokenCleanerController, serviceAccountTokenController } from './service-account-tokens/index.ts';
import { serviceCIDRController } from './service-cidr/index.ts';
import { statefulSetController } from './stateful-set/index.ts';
import { taintEvictionController } from './taint-eviction/index.ts';
import { ttlController } from './ttl/index.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/index.ts';
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './volume-protection/index.ts';

/** Every controller, in the order in which they start. */
export const controllerDefinitions: readonly ControllerDefinition[] = [
  serviceAccountTokenController,
  serviceAccountController,
  namespaceController,
  garbageCollectorController,
  endpointsController,
  endpointSliceController,
  rootCAPublisher,
  resourceQuotaController,
  clusterRoleAggregationController,
  certificateApprovingController,
  certificateSigningController,
  certificateCleanerController,
  disruptionController,
  deploymentController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  podGarbageCollector,
  nodeLifecycleController,
  nodeIPAMController,
  ttlController,
  taintEvictionController,
  serviceCIDRController,
  persistentVolumeBinderController,
  ephemeralVolumeController,
  claimProtectionController,
  volumeProtectionController,
  attributesClassProtectionController,
  legacyTokenCleanerController,
  bootstrapSignerController,
  tokenCleanerController,
];
