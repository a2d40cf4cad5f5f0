import type { KubernetesObject } from '../api/contract.ts';
import { root } from '../machinery/field-error.ts';
import { invalid } from '../machinery/status.ts';
import { kindOf, type ResourceRequest } from './registry/request.ts';
import type { PendingWrite, Reservation, WriteHook } from './registry/write-hook.ts';

const label = 'resource.kubernetes.io/admin-access';
const nothing: Reservation = { alongside: () => ({ compare: [], success: [] }), release: () => {} };

/** A request for devices, in any version. */
interface Request {
  readonly adminAccess?: boolean;
  readonly exactly?: { readonly adminAccess?: boolean };
}

/** The spec of a claim, or of a template, which has that of a claim within. */
interface Spec {
  readonly devices?: { readonly requests?: readonly Request[] | null };
  readonly spec?: Spec;
}

/**
 * Devices that others use may be asked for only in namespaces that an administrator has marked for it (KEP-5018). Every
 * other namespace's claims and templates of claims are refused.
 */
export class AdminAccessCheck implements WriteHook {
  readonly group = 'resource.k8s.io';
  readonly resource: 'resourceclaims' | 'resourceclaimtemplates';

  constructor(resource: AdminAccessCheck['resource']) {
    this.resource = resource;
  }

  async reserve(request: ResourceRequest, { object, old }: PendingWrite): Promise<Reservation> {
    // What was asked for never changes.
    const index = old === undefined ? askedAt(object) : -1;
    if (index < 0 || (await isMarked(request))) return nothing;
    const path = root('spec').child('devices', 'requests').index(index).child('adminAccess');
    const rule = `admin access to devices requires the \`${label}: true\` label on the containing namespace`;
    throw invalid(kindOf(request), object.metadata?.name ?? '', [path.forbidden(rule)]);
  }

  removal(): readonly [] {
    return [];
  }
}

function askedAt(object: KubernetesObject & { readonly spec?: Spec }): number {
  const spec = object.spec?.spec ?? object.spec;
  const requests = spec?.devices?.requests ?? [];
  return requests.findIndex(({ adminAccess, exactly }) => (exactly?.adminAccess ?? adminAccess) === true);
}

async function isMarked({ registry, info }: ResourceRequest): Promise<boolean> {
  const definition = registry.catalog.find('', 'v1', 'namespaces');
  if (definition === undefined) throw new Error('no definition of namespaces');
  const namespaces = await registry.cacheOf(definition);
  await registry.feed.catchUp();
  return namespaces.get(registry.keyFor(definition, '', info.namespace))?.labels?.[label] === 'true';
}
