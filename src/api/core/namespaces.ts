import { ageColumn, column, nameColumn } from '../columns.ts';
import { allVerbs, type ViewSubresource } from '../contract.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { Namespace } from '../types/core.v1.ts';
import { validateNamespace, validateNamespaceFinalizers, validateNamespaceStatus } from './validation/namespaces.ts';

/** The finalizer of the namespace controller, in `spec`: it removes what the namespace holds. */
const kubernetesFinalizer = 'kubernetes';
const nameLabel = 'kubernetes.io/metadata.name';

/** Every namespace can be selected by its name. */
function labelWithName(namespace: Namespace): void {
  const name = namespace.metadata?.name;
  if (name) namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: name };
}

function setNamespaceDefaults(namespace: Namespace): void {
  if (namespace.metadata?.labels?.[nameLabel] !== namespace.metadata?.name) labelWithName(namespace);
  (namespace.status ??= {}).phase ||= 'Active';
}

function prepareForCreate(namespace: Namespace): void {
  labelWithName(namespace);
  namespace.status = { phase: 'Active' };
  const finalizers = namespace.spec?.finalizers ?? [];
  if (finalizers.includes(kubernetesFinalizer)) return;
  namespace.spec = { ...namespace.spec, finalizers: [...finalizers, kubernetesFinalizer] };
}

/** Finalizers change through `finalize` alone. */
function prepareForUpdate(namespace: Namespace, old: Namespace): void {
  const finalizers = old.spec?.finalizers;
  const { finalizers: _, ...spec } = namespace.spec ?? {};
  namespace.spec = finalizers ? { ...spec, finalizers } : spec;
}

const finalize: ViewSubresource<Namespace> = {
  shape: 'view',
  verbs: ['update'],
  merge(submitted, stored) {
    if (stored.status === undefined) delete submitted.status;
    else submitted.status = stored.status;
    return submitted;
  },
  validate: validateNamespaceFinalizers,
};

export const namespaces = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
  nameRule: 'dnsLabel',
  generationChanges: 'none',
  defaults: setNamespaceDefaults,
  prepareForCreate,
  prepareForUpdate,
  validate: validateNamespace,
  validateUpdate: () => [],
  holdsDeletion: (namespace) => (namespace.spec?.finalizers?.length ?? 0) > 0,
  prepareForDelete: (namespace) => {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
  selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
  columns: [nameColumn, column('Status', (namespace) => namespace.status?.phase ?? ''), ageColumn],
  subresources: { finalize, status: statusSubresource(validateNamespaceStatus) },
});
