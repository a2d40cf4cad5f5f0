import type { Container, Pod, ResourceFieldSelector } from '../../api/types/core.v1.ts';
import { quantityOf } from '../../api/core/resource-list.ts';
import { ContainerConfigError } from './configs.ts';

export interface NodeFacts {
  readonly hostIPs: readonly string[];
  /** `cpu`, `memory`, `ephemeral-storage`: what a container without a limit may use. */
  readonly allocatable: Readonly<Record<string, string>>;
}

const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/;

/** A field of a Pod, as the downward API shows it to its containers. Throws a ContainerConfigError. */
export function podField(pod: Pod, fieldPath: string, podIPs: readonly string[], node: NodeFacts): string {
  const { metadata, spec } = pod;
  const [, map, key = ''] = keyed.exec(fieldPath) ?? [];
  if (map !== undefined) return metadata[map === 'labels' ? 'labels' : 'annotations']?.[key] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return node.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return node.hostIPs.join(',');
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
    default:
      throw new ContainerConfigError(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** A request or limit of a container, in units of the divisor, rounded up. Throws a ContainerConfigError. */
export function resourceField(
  pod: Pod,
  container: Container,
  { resource, containerName, divisor = '1' }: ResourceFieldSelector,
  node: NodeFacts,
): string {
  const named = containerName === undefined || containerName === '' ? container.name : containerName;
  const found = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].find(({ name }) => name === named);
  if (found === undefined) throw new ContainerConfigError(`container ${named} not found`);
  const [list, name = ''] = resource.split(/\.(.*)/s);
  const { requests = {}, limits = {} } = found.resources ?? {};
  const amount =
    list === 'limits' ? (limits[name] ?? node.allocatable[name]) : list === 'requests' ? requests[name] : undefined;
  if (list !== 'limits' && list !== 'requests') {
    throw new ContainerConfigError(`unsupported container resource : ${resource}`);
  }
  // In thousandths, so that a divisor of 1m divides by one.
  const unit = quantityOf(divisor === '0' ? '1' : divisor).ceil(-3);
  const total = quantityOf(amount).ceil(-3);
  return String(unit === 0n ? total : (total + unit - 1n) / unit);
}
