/** Fields that a write resets whatever is sent, so that who writes them does not come to own them. */
import type { ResourceDefinition } from '../contract.ts';
import { below, hasElement, nodeOf, recursiveDifference, setOfPaths, type FieldSet } from './field-set.ts';
import { fieldElement, selfElement, type PathElement } from './path-element.ts';

/** Takes out of a set what does not count. */
export type FieldFilter = (set: FieldSet) => FieldSet;

function excluding(...paths: readonly string[]): FieldFilter {
  const reset = setOfPaths(paths.map((path) => path.split('.').map(fieldElement)));
  return (set) => recursiveDifference(set, reset);
}

/** `*` stands for any element. What is below the end of a path counts, too, and so does what leads there. */
function including(...paths: readonly string[]): FieldFilter {
  const patterns = paths.map((path) => path.split('.').map((step) => (step === '*' ? step : fieldElement(step))));
  return (set) => included(set, patterns);
}

function included(set: FieldSet, patterns: ReadonlyArray<readonly PathElement[]>): FieldSet {
  const out: Record<PathElement, FieldSet> = {};
  for (const element in set) {
    if (element === selfElement) continue;
    const rests = patterns.filter(([first]) => first === '*' || first === element).map((pattern) => pattern.slice(1));
    if (rests.length === 0) continue;
    const whole = rests.some((rest) => rest.length === 0);
    const inner = below(set, element);
    const children = whole || inner === undefined ? inner : included(inner, rests);
    const node = nodeOf(hasElement(set, element), children);
    if (node !== undefined) out[element] = node;
  }
  return out;
}

const statusOnly = excluding('status');
const specOnly = excluding('spec');
const specAndMetadata = excluding('spec', 'metadata');

/** Subresources that reset other fields than most; by resource and group. Upstream's strategies say so, one by one. */
const ofSubresources: Readonly<Record<string, FieldFilter>> = {
  'pods/status': excluding('spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'),
  'pods/ephemeralcontainers': including('spec.ephemeralContainers'),
  'pods/resize': including(
    'spec.containers.*.resources',
    'spec.containers.*.resizePolicy',
    'spec.initContainers.*.resources',
    'spec.initContainers.*.resizePolicy',
  ),
  'namespaces/finalize': statusOnly,
  'deployments.apps/status': excluding('spec', 'metadata.labels'),
  'certificatesigningrequests.certificates.k8s.io/status': excluding('spec', 'status.conditions'),
  'certificatesigningrequests.certificates.k8s.io/approval': excluding('spec', 'status.certificate'),
  'customresourcedefinitions.apiextensions.k8s.io/status': specAndMetadata,
  'apiservices.apiregistration.k8s.io/status': specAndMetadata,
  'flowschemas.flowcontrol.apiserver.k8s.io/status': specAndMetadata,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status': specAndMetadata,
  'volumeattachments.storage.k8s.io/status': specAndMetadata,
};

/** What a write through a subresource ('' for the object itself) resets; undefined: nothing. */
export function resetFieldsOf(
  { group, plural, subresources }: Pick<ResourceDefinition, 'group' | 'plural' | 'subresources'>,
  subresource: string,
): FieldFilter | undefined {
  // Even where it may be set at first, as that of a Node.
  if (subresource === '') return subresources['status'] === undefined ? undefined : statusOnly;
  const resource = group === '' ? plural : `${plural}.${group}`;
  return ofSubresources[`${resource}/${subresource}`] ?? (subresource === 'status' ? specOnly : undefined);
}
