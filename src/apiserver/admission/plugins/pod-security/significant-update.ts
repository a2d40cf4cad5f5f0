import type { Pod } from '../../../../api/types/core.v1.ts';
import type { ObjectMeta } from '../../../../api/types/meta.v1.ts';
import { allContainers } from '../pod-references.ts';

const podSeccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccompAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether an update changes what the standards look at: of a Pod's spec little can change. */
export function isSignificantUpdate(pod: Pod, old: Pod): boolean {
  const annotationDiffers = (key: string): boolean => annotation(pod.metadata, key) !== annotation(old.metadata, key);
  if (annotationDiffers(podSeccompAnnotation)) return true;
  const now = pod.spec === undefined ? [] : allContainers(pod.spec);
  const before = new Map((old.spec === undefined ? [] : allContainers(old.spec)).map((one) => [one.name, one]));
  if (now.length !== before.size) return true;
  return now.some(({ name = '', image }) => {
    const known = before.get(name);
    return known === undefined || known.image !== image || annotationDiffers(containerSeccompAnnotation + name);
  });
}

function annotation(metadata: ObjectMeta | undefined, key: string): string | undefined {
  return metadata?.annotations?.[key];
}
