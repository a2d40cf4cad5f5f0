/** The `resize` view of a Pod: CPU and memory of containers, sidecars and the Pod itself (KEP-1287, KEP-5419). */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import type { Container, Pod, PodSpec, ResourceList, ResourceRequirements } from '../../types/core.v1.ts';
import { qosClass } from '../pod-qos.ts';
import { isSidecar } from '../pod-resources.ts';
import { listOf, type Maybe } from '../../field-rules.ts';
import { mirrorAnnotation } from './pod-annotations.ts';
import { podUpdateOptions } from './pod-options.ts';
import { podSpecPath, specOf, validateAnnotationsAndSpec } from './pods.ts';

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const [spec, oldSpec] = [specOf(pod), specOf(old)];
  if (old.metadata?.annotations?.[mirrorAnnotation] !== undefined) {
    return [root('[]').forbidden('static pods cannot be resized')];
  }
  if (oldSpec.os?.name === 'windows') return [root('[]').forbidden('windows pods cannot be resized')];
  const errors = validateAnnotationsAndSpec(pod, podUpdateOptions(oldSpec, old.metadata));
  const before = errors.length;
  checkOrder(errors, 'containers', spec.containers, oldSpec.containers);
  checkOrder(errors, 'initContainers', spec.initContainers, oldSpec.initContainers);
  if (errors.length > before) return errors;
  const oldClass = old.status?.qosClass || qosClass(oldSpec);
  if (oldClass !== qosClass(spec)) {
    const rule = 'Pod QOS Class may not change as a result of resizing';
    errors.push(podSpecPath.invalid(pod.status?.qosClass ?? '', rule));
  }
  if (!mayNodeResize(old)) errors.push(podSpecPath.forbidden('Pod running on node without support for resize'));
  checkRemovals(errors, spec, oldSpec);
  checkOnlyComputeChanges(errors, spec, oldSpec);
  return errors;
}

function checkOrder(
  errors: FieldError[],
  list: 'containers' | 'initContainers',
  containers: Maybe<Container>,
  old: Maybe<Container>,
): void {
  const path = podSpecPath.child(list);
  if (listOf(containers).length !== listOf(old).length) {
    errors.push(path.forbidden(`${list} may not be added or removed on resize`));
    return;
  }
  for (const [index, { name }] of listOf(containers).entries()) {
    if (name === old?.[index]?.name) continue;
    errors.push(path.index(index).child('name').forbidden(`${list} may not be renamed or reordered on resize`));
  }
}

/** A node that can resize reports the resources of what runs; where nothing runs, it is taken to. */
function mayNodeResize({ status }: Pod): boolean {
  const running = listOf(status?.containerStatuses).find(({ state }) => state?.running);
  return running === undefined || running.resources !== undefined;
}

function checkRemovals(errors: FieldError[], spec: PodSpec, old: PodSpec): void {
  if (old.resources) checkRemoval(errors, podSpecPath.child('resources'), spec.resources, old.resources);
  for (const [index, container] of listOf(old.initContainers).entries()) {
    if (!isSidecar(container)) continue;
    const path = podSpecPath.child('initContainers').index(index).child('resources');
    checkRemoval(errors, path, spec.initContainers?.[index]?.resources, container.resources);
  }
  for (const [index, container] of listOf(old.containers).entries()) {
    const path = podSpecPath.child('containers').index(index).child('resources');
    checkRemoval(errors, path, spec.containers?.[index]?.resources, container.resources);
  }
}

function checkRemoval(
  errors: FieldError[],
  path: Path,
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): void {
  for (const list of ['requests', 'limits'] as const) {
    const names = Object.keys(old?.[list] ?? {});
    if (names.every((name) => Object.hasOwn(resources?.[list] ?? {}, name))) continue;
    errors.push(path.child(list).forbidden(`resource ${list} cannot be removed`));
  }
}

function checkOnlyComputeChanges(errors: FieldError[], spec: PodSpec, old: PodSpec): void {
  const before = errors.length;
  const containers = listOf(spec.containers).map((container, index) => {
    const kept = withOldCompute(container, old.containers?.[index]);
    if (!semanticDeepEqual(kept, old.containers?.[index])) {
      errors.push(podSpecPath.forbidden('only cpu and memory resources are mutable'));
    }
    return kept;
  });
  const initContainers = listOf(spec.initContainers).map((container, index) => {
    const oldContainer = old.initContainers?.[index];
    const kept = isSidecar(container) ? withOldCompute(container, oldContainer) : container;
    if (!semanticDeepEqual(kept, oldContainer)) {
      const rule = isSidecar(container)
        ? 'only cpu and memory resources for sidecar containers are mutable'
        : 'resources for non-sidecar init containers are immutable';
      errors.push(podSpecPath.forbidden(rule));
    }
    return kept;
  });
  if (errors.length > before) return;
  const { resources, ...rest } = spec;
  const podResources = computeOf(resources, old.resources);
  const kept = { ...rest, containers, initContainers, ...(podResources ? { resources: podResources } : {}) };
  if (!semanticDeepEqual(kept, old)) errors.push(podSpecPath.forbidden('only cpu and memory resources are mutable'));
}

function withOldCompute(container: Container, old: Container | undefined): Container {
  const { resources, ...rest } = container;
  const kept = computeOf(resources, old?.resources);
  return kept === undefined ? rest : { ...rest, resources: kept };
}

/** The resources with the stored amounts of CPU and memory; undefined when they are then as they were: none. */
function computeOf(
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (!resources) return old;
  const limits = withOldAmounts(resources.limits, old?.limits);
  const requests = withOldAmounts(resources.requests, old?.requests);
  const kept = { ...resources, ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) };
  if (!limits) delete kept.limits;
  if (!requests) delete kept.requests;
  return old === undefined && Object.keys(kept).length === 0 ? undefined : kept;
}

function withOldAmounts(list: ResourceList | undefined, old: ResourceList | undefined): ResourceList | undefined {
  const { cpu: _, memory: __, ...rest } = list ?? {};
  const kept: ResourceList = rest;
  for (const name of ['cpu', 'memory']) {
    const amount = old?.[name];
    if (amount !== undefined) kept[name] = amount;
  }
  return old === undefined && Object.keys(kept).length === 0 ? undefined : kept;
}
