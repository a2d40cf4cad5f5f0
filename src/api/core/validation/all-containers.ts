import type { Path } from '../../../machinery/field-error.ts';
import type { Container, EphemeralContainer, PodSpec } from '../../types/core.v1.ts';
import { listOf } from '../../field-rules.ts';

export interface ContainerAt {
  readonly container: Container | EphemeralContainer;
  /** Made when an error needs it. */
  at(): Path;
}

/** Init containers, containers and ephemeral containers, in upstream's order. @param path Of the Pod's spec. */
export function containersWithPaths(spec: PodSpec, path: Path): ContainerAt[] {
  const found: ContainerAt[] = [];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, container] of listOf<Container | EphemeralContainer>(spec[list]).entries()) {
      found.push({ container, at: () => path.child(list).index(index) });
    }
  }
  return found;
}
