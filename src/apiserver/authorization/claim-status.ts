/**
 * Who may change what of a ResourceClaim's status (KEP-4817): allocations and reservations are for those who may write
 * the imagined subresource `resourceclaims/binding`, the status of devices for those who may write `resourceclaims/driver`
 * by the name of the driver, of their own node or of any.
 */
import type { UserInfo } from '../../api/contract.ts';
import type { AllocatedDeviceStatus, AllocationResult, ResourceClaimStatus } from '../../api/types/resource.v1.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import type { RequestInfo } from '../contract.ts';
import type { ResourceRequest } from '../registry/request.ts';
import { forbiddenError } from './forbidden.ts';
import { serviceAccountPrefix } from './rbac/binding.ts';

const nodeNameKey = 'authentication.kubernetes.io/node-name';
const statusPath = root('status');

/** What is refused, each with upstream's sentence. */
export async function checkClaimStatus(
  request: ResourceRequest,
  status: ResourceClaimStatus,
  old: ResourceClaimStatus,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const { verb } = request.info;
  if (
    !semanticDeepEqual(status.allocation, old.allocation) ||
    !semanticDeepEqual(status.reservedFor, old.reservedFor)
  ) {
    // Binding is for the whole cluster: it decides on devices of all nodes.
    const problem = await problemOf(request, { subresource: 'binding', namespace: '', name: '' });
    if (problem !== undefined) {
      errors.push(
        statusPath.forbidden(
          `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${problem}`,
        ),
      );
    }
  }
  const verbs = isOnNodeOf(request.user, status.allocation)
    ? [`associated-node:${verb}`, `arbitrary-node:${verb}`]
    : [`arbitrary-node:${verb}`];
  for (const driver of changedDrivers(status, old)) {
    const problem = await firstProblem(request, verbs, driver);
    if (problem === undefined) continue;
    errors.push(
      statusPath
        .child('devices')
        .forbidden(
          `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${problem}`,
        ),
    );
  }
  return errors;
}

/** Undefined when one of the verbs is allowed. */
async function firstProblem(
  request: ResourceRequest,
  verbs: readonly string[],
  driver: string,
): Promise<string | undefined> {
  let first: string | undefined;
  for (const verb of verbs) {
    const problem = await problemOf(request, { subresource: 'driver', verb, name: driver });
    if (problem === undefined) return undefined;
    first ??= problem;
  }
  return first;
}

async function problemOf(request: ResourceRequest, changes: Partial<RequestInfo>): Promise<string | undefined> {
  const { registry, user, info } = request;
  if (registry.authorizer === undefined) return undefined;
  const attributes = { user, request: { ...info, ...changes } };
  const { verdict, reason, error } = await registry.authorizer.authorize(attributes);
  if (verdict === 'allow') return undefined;
  const why = [error, reason].filter((text) => text !== undefined && text !== '').join(': ');
  return forbiddenError(attributes, why).message;
}

/** Drivers of devices whose status is new, gone or another, in order. */
function changedDrivers(status: ResourceClaimStatus, old: ResourceClaimStatus): readonly string[] {
  const before = new Map((old.devices ?? []).map((device) => [keyOf(device), device]));
  const drivers = new Set<string>();
  for (const device of status.devices ?? []) {
    const key = keyOf(device);
    const earlier = before.get(key);
    before.delete(key);
    if (earlier === undefined || !semanticDeepEqual(earlier, device)) drivers.add(device.driver);
  }
  for (const { driver } of before.values()) drivers.add(driver);
  return [...drivers].sort();
}

function keyOf({ driver, pool, device, shareID }: AllocatedDeviceStatus): string {
  return JSON.stringify([driver, pool, device, shareID ?? '']);
}

/** Whether a service account's token is bound to the one node that the claim is allocated on. */
function isOnNodeOf({ username, extra }: UserInfo, allocation: AllocationResult | null | undefined): boolean {
  const node = nodeOf(allocation);
  if (node === undefined || !username.startsWith(serviceAccountPrefix)) return false;
  const [own, ...more] = extra?.[nodeNameKey] ?? [];
  return own === node && more.length === 0;
}

function nodeOf(allocation: AllocationResult | null | undefined): string | undefined {
  const [term, ...otherTerms] = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  if (term === undefined || otherTerms.length > 0 || (term.matchExpressions ?? []).length > 0) return undefined;
  const [field, ...otherFields] = term.matchFields ?? [];
  if (field === undefined || otherFields.length > 0) return undefined;
  const [node, ...otherNodes] = field.values ?? [];
  const isOne = field.key === 'metadata.name' && field.operator === 'In' && otherNodes.length === 0;
  return isOne && node !== '' ? node : undefined;
}
