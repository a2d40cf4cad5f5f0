import { referenceTo } from '../../client/object-reference.ts';
import { pods } from '../../client/resources.ts';
import type { Container, ObjectReference, Pod } from '../../api/types/core.v1.ts';

/** `web_default(7c8f…)`, as upstream's texts name a Pod. */
export function formatPod({ metadata: { name = '', namespace = '', uid = '' } }: Pod): string {
  return `${name}_${namespace}(${uid})`;
}

/** The reference in events about a container: it names the container in its field path. */
export function containerReference(pod: Pod, { name }: Container): ObjectReference {
  return { ...referenceTo(pods, pod), fieldPath: `spec.${listOf(pod, name)}{${name}}` };
}

function listOf({ spec }: Pod, name: string): string {
  if (spec.initContainers?.some((container) => container.name === name) === true) return 'initContainers';
  if (spec.ephemeralContainers?.some((container) => container.name === name) === true) return 'ephemeralContainers';
  return 'containers';
}
