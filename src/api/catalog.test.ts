import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinCatalog, Catalog } from './catalog.ts';
import type { ResourceDefinition } from './contract.ts';
import { pods } from './core/pods.ts';
import { deployments } from './apps/deployments.ts';
import { compareGroups, compareVersions } from './group-order.ts';

const catalog = builtinCatalog();
const beyondCore = catalog.definitions.filter(({ group }) => group !== '');

function gvr({ group, version, plural }: ResourceDefinition): string {
  return `${group}/${version}/${plural}`;
}

/** `GROUP/VERSION/PLURAL KIND SCOPE STORED [SHORT NAMES] [CATEGORIES]`, as upstream's discovery and etcd have them. */
const facts = `
apiregistration.k8s.io/v1/apiservices APIService cluster apiregistration.k8s.io/apiservices - api-extensions
apps/v1/controllerrevisions ControllerRevision namespaced controllerrevisions - -
apps/v1/daemonsets DaemonSet namespaced daemonsets ds all
apps/v1/deployments Deployment namespaced deployments deploy all
apps/v1/replicasets ReplicaSet namespaced replicasets rs all
apps/v1/statefulsets StatefulSet namespaced statefulsets sts all
events.k8s.io/v1/events Event namespaced events ev -
authentication.k8s.io/v1/selfsubjectreviews SelfSubjectReview cluster - - -
authentication.k8s.io/v1/tokenreviews TokenReview cluster - - -
authorization.k8s.io/v1/localsubjectaccessreviews LocalSubjectAccessReview namespaced - - -
authorization.k8s.io/v1/selfsubjectaccessreviews SelfSubjectAccessReview cluster - - -
authorization.k8s.io/v1/selfsubjectrulesreviews SelfSubjectRulesReview cluster - - -
authorization.k8s.io/v1/subjectaccessreviews SubjectAccessReview cluster - - -
autoscaling/v2/horizontalpodautoscalers HorizontalPodAutoscaler namespaced horizontalpodautoscalers hpa all
autoscaling/v1/horizontalpodautoscalers HorizontalPodAutoscaler namespaced horizontalpodautoscalers hpa all
batch/v1/cronjobs CronJob namespaced cronjobs cj all
batch/v1/jobs Job namespaced jobs - all
certificates.k8s.io/v1/certificatesigningrequests CertificateSigningRequest cluster certificatesigningrequests csr -
networking.k8s.io/v1/ingressclasses IngressClass cluster ingressclasses - -
networking.k8s.io/v1/ingresses Ingress namespaced ingress ing -
networking.k8s.io/v1/ipaddresses IPAddress cluster ipaddresses ip -
networking.k8s.io/v1/networkpolicies NetworkPolicy namespaced networkpolicies netpol -
networking.k8s.io/v1/servicecidrs ServiceCIDR cluster servicecidrs - -
policy/v1/poddisruptionbudgets PodDisruptionBudget namespaced poddisruptionbudgets pdb -
rbac.authorization.k8s.io/v1/clusterrolebindings ClusterRoleBinding cluster clusterrolebindings - -
rbac.authorization.k8s.io/v1/clusterroles ClusterRole cluster clusterroles - -
rbac.authorization.k8s.io/v1/rolebindings RoleBinding namespaced rolebindings - -
rbac.authorization.k8s.io/v1/roles Role namespaced roles - -
storage.k8s.io/v1/csidrivers CSIDriver cluster csidrivers - -
storage.k8s.io/v1/csinodes CSINode cluster csinodes - -
storage.k8s.io/v1/csistoragecapacities CSIStorageCapacity namespaced csistoragecapacities - -
storage.k8s.io/v1/storageclasses StorageClass cluster storageclasses sc -
storage.k8s.io/v1/volumeattachments VolumeAttachment cluster volumeattachments - -
storage.k8s.io/v1/volumeattributesclasses VolumeAttributesClass cluster volumeattributesclasses vac -
admissionregistration.k8s.io/v1/mutatingadmissionpolicies MutatingAdmissionPolicy cluster mutatingadmissionpolicies - api-extensions
admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding cluster mutatingadmissionpolicybindings - api-extensions
admissionregistration.k8s.io/v1/mutatingwebhookconfigurations MutatingWebhookConfiguration cluster mutatingwebhookconfigurations - api-extensions
admissionregistration.k8s.io/v1/validatingadmissionpolicies ValidatingAdmissionPolicy cluster validatingadmissionpolicies - api-extensions
admissionregistration.k8s.io/v1/validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding cluster validatingadmissionpolicybindings - api-extensions
admissionregistration.k8s.io/v1/validatingwebhookconfigurations ValidatingWebhookConfiguration cluster validatingwebhookconfigurations - api-extensions
apiextensions.k8s.io/v1/customresourcedefinitions CustomResourceDefinition cluster apiextensions.k8s.io/customresourcedefinitions crd,crds api-extensions
scheduling.k8s.io/v1/priorityclasses PriorityClass cluster priorityclasses pc -
coordination.k8s.io/v1/leases Lease namespaced leases - -
node.k8s.io/v1/runtimeclasses RuntimeClass cluster runtimeclasses - -
discovery.k8s.io/v1/endpointslices EndpointSlice namespaced endpointslices - -
resource.k8s.io/v1/deviceclasses DeviceClass cluster deviceclasses - -
resource.k8s.io/v1/resourceclaims ResourceClaim namespaced resourceclaims - -
resource.k8s.io/v1/resourceclaimtemplates ResourceClaimTemplate namespaced resourceclaimtemplates - -
resource.k8s.io/v1/resourceslices ResourceSlice cluster resourceslices - -
flowcontrol.apiserver.k8s.io/v1/flowschemas FlowSchema cluster flowschemas - -
flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations PriorityLevelConfiguration cluster prioritylevelconfigurations - -`;

test('every group but core is what upstream serves by default, in its order', () => {
  const served = beyondCore.map((definition) => {
    const { kind, namespaced, storage, shortNames, categories } = definition;
    const scope = namespaced ? 'namespaced' : 'cluster';
    return [
      gvr(definition),
      kind,
      scope,
      storage?.prefix ?? '-',
      shortNames.join() || '-',
      categories.join() || '-',
    ].join(' ');
  });
  assert.deepEqual(served, facts.trim().split('\n'));
  for (const { singular, kind, listKind } of beyondCore) {
    assert.equal(singular, kind.toLowerCase());
    assert.equal(listKind, `${kind}List`);
  }
});

function pluralsWhere(holds: (definition: ResourceDefinition) => boolean): string[] {
  return [...new Set(beyondCore.filter(holds).map(({ plural }) => plural))].sort();
}

test('what is not stored can only be asked', () => {
  for (const { verbs, storage } of beyondCore) {
    assert.deepEqual(
      [...verbs].sort().join(' '),
      storage === undefined ? 'create' : 'create delete deletecollection get list patch update watch',
    );
  }
});

test("the strategies that are not the usual ones are upstream's", () => {
  assert.deepEqual(
    pluralsWhere((one) => one.allowCreateOnUpdate),
    ['clusterrolebindings', 'clusterroles', 'events', 'leases', 'rolebindings', 'roles', 'runtimeclasses'],
  );
  assert.deepEqual(
    pluralsWhere((one) => !one.allowUnconditionalUpdate),
    [
      'apiservices',
      'csidrivers',
      'csinodes',
      'csistoragecapacities',
      'customresourcedefinitions',
      'leases',
      'mutatingadmissionpolicies',
      'mutatingadmissionpolicybindings',
      'mutatingwebhookconfigurations',
      'poddisruptionbudgets',
      'runtimeclasses',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
      'validatingwebhookconfigurations',
      'volumeattachments',
    ],
  );
  assert.deepEqual(
    pluralsWhere((one) => one.defaultPropagation === 'orphan'),
    ['jobs'],
  );
  assert.deepEqual(
    pluralsWhere((one) => one.nameRule === 'pathSegment'),
    [
      'apiservices',
      'certificatesigningrequests',
      'clusterrolebindings',
      'clusterroles',
      'ipaddresses',
      'rolebindings',
      'roles',
    ],
  );
  assert.deepEqual(
    pluralsWhere((one) => one.nameRule === 'dnsLabel'),
    ['statefulsets'],
  );
  assert.deepEqual(
    pluralsWhere((one) => one.notImplemented !== undefined),
    ['apiservices', 'customresourcedefinitions'],
  );
  assert.deepEqual(
    pluralsWhere((one) => one.expires === true),
    ['events'],
  );
});

test('a generation is kept where upstream keeps one', () => {
  assert.deepEqual(
    pluralsWhere((one) => one.storage !== undefined && one.generationChanges === undefined),
    [
      'apiservices',
      'certificatesigningrequests',
      'clusterrolebindings',
      'clusterroles',
      'controllerrevisions',
      'csinodes',
      'csistoragecapacities',
      'events',
      'ipaddresses',
      'leases',
      'resourceclaims',
      'resourceclaimtemplates',
      'rolebindings',
      'roles',
      'runtimeclasses',
      'servicecidrs',
      'storageclasses',
      'volumeattachments',
      'volumeattributesclasses',
    ],
  );
});

test("the subresources are upstream's", () => {
  const names = beyondCore.flatMap((definition) =>
    Object.entries(definition.subresources).map(([name, { shape }]) => `${definition.plural}/${name} ${shape}`),
  );
  assert.deepEqual([...new Set(names)].sort(), [
    'apiservices/status view',
    'certificatesigningrequests/approval view',
    'certificatesigningrequests/status view',
    'cronjobs/status view',
    'customresourcedefinitions/status view',
    'daemonsets/status view',
    'deployments/scale scale',
    'deployments/status view',
    'flowschemas/status view',
    'horizontalpodautoscalers/status view',
    'ingresses/status view',
    'jobs/status view',
    'poddisruptionbudgets/status view',
    'prioritylevelconfigurations/status view',
    'replicasets/scale scale',
    'replicasets/status view',
    'resourceclaims/status view',
    'servicecidrs/status view',
    'statefulsets/scale scale',
    'statefulsets/status view',
    'validatingadmissionpolicies/status view',
    'volumeattachments/status view',
  ]);
});

test('definitions that share storage are stored in one form', () => {
  const byPrefix = Map.groupBy(
    catalog.definitions.filter(({ storage }) => storage !== undefined),
    ({ storage }) => storage?.prefix,
  );
  for (const [prefix, sharing] of byPrefix) {
    const forms = new Set(sharing.map(({ storage }) => `${storage?.group}/${storage?.version}`));
    assert.equal(forms.size, 1, String(prefix));
    for (const { group, version, storage } of sharing) {
      const isStoredForm = group === storage?.group && version === storage.version;
      assert.equal(storage?.convert === undefined, isStoredForm, `${prefix} of ${group}/${version}`);
    }
  }
});

test('a catalog finds what was added, and forgets what was removed', () => {
  const changing = new Catalog();
  assert.equal(changing.generation, 0);
  assert.deepEqual(changing.definitions, []);
  changing.add(deployments, pods);
  assert.equal(changing.generation, 1);
  assert.deepEqual(changing.definitions.map(gvr), ['/v1/pods', 'apps/v1/deployments']);
  assert.equal(changing.find('apps', 'v1', 'deployments'), deployments);
  const before = changing.definitions;
  assert.equal(changing.remove('apps', 'v1', 'deployments'), true);
  assert.equal(changing.generation, 2);
  assert.equal(changing.find('apps', 'v1', 'deployments'), undefined);
  assert.deepEqual(before.map(gvr), ['/v1/pods', 'apps/v1/deployments']);
  assert.equal(changing.remove('apps', 'v1', 'deployments'), false);
  assert.equal(changing.generation, 2);
});

test('a resource cannot be defined twice, and a failed addition adds nothing', () => {
  const changing = new Catalog([pods]);
  assert.throws(() => changing.add(deployments, pods), /\/v1\/pods is already defined/);
  assert.equal(changing.find('apps', 'v1', 'deployments'), undefined);
  assert.equal(changing.generation, 1);
  assert.throws(() => new Catalog([deployments, deployments]), /apps\/v1\/deployments is already defined/);
});

test('versions are preferred as upstream prefers them', () => {
  const versions = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10'];
  const shuffled = [...versions].sort();
  assert.deepEqual(shuffled.sort(compareVersions), versions);
});

test('groups beyond the built-in ones follow by name', () => {
  const groups = ['stable.example.com', 'apps', 'example.com', '', 'flowcontrol.apiserver.k8s.io'];
  assert.deepEqual(groups.sort(compareGroups), [
    '',
    'apps',
    'flowcontrol.apiserver.k8s.io',
    'example.com',
    'stable.example.com',
  ]);
});
