import type { KubernetesObject } from '../api/contract.ts';
import type {
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  ResourceClaim,
  ResourceClaimStatus,
  ResourceClaimTemplate,
} from '../api/types/resource.v1.ts';
import { semanticDeepEqual } from '../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../machinery/field-error.ts';
import { invalid } from '../machinery/status.ts';
import { checkClaimStatus } from './authorization/claim-status.ts';
import { kindOf, type ResourceRequest } from './registry/request.ts';
import type { PendingWrite, Reservation, WriteHook } from './registry/write-hook.ts';

const label = 'resource.kubernetes.io/admin-access';
const specPath = root('spec');
const nothing: Reservation = { alongside: () => ({ compare: [], success: [] }), release: () => {} };

/** What a valid claim can have at most: 32 requests of 8 alternatives with 32 selectors each. */
const maxExpressions = 32 * 8 * 32;
const maxExpressionBytes = 10 * 1024;

/** Expressions of an object, and where they are. */
type Expressions = readonly (readonly [path: Path, expression: string])[];

/**
 * What asks for devices is judged here as far as it takes more than the object itself: devices that others use may be
 * asked for only in namespaces that an administrator has marked for it (KEP-5018), and expressions must compile, which
 * needs code that is loaded when there is one.
 */
export class DeviceRequestCheck implements WriteHook {
  readonly group = 'resource.k8s.io';
  readonly resource: 'deviceclasses' | 'resourceclaims' | 'resourceclaimtemplates';

  constructor(resource: DeviceRequestCheck['resource']) {
    this.resource = resource;
  }

  async reserve(request: ResourceRequest, write: PendingWrite): Promise<Reservation> {
    const { storage } = request.definition;
    const inStoredForm = (object: KubernetesObject): KubernetesObject => storage?.convert?.to(object) ?? object;
    const object = inStoredForm(write.object);
    const errors: FieldError[] = [];
    if (this.resource === 'deviceclasses') {
      const old = write.old && inStoredForm(write.old);
      await checkExpressions(selectorsOfClass(object, old), errors);
    } else if (write.old === undefined) {
      // What a claim asks for never changes.
      const path = this.resource === 'resourceclaims' ? specPath : specPath.child('spec');
      const requests = requestsOf(object as ResourceClaim & ResourceClaimTemplate);
      await checkAdminAccess(request, requests, errors);
      await checkExpressions(selectorsOfRequests(requests, path.child('devices', 'requests')), errors);
    }
    if (errors.length > 0) throw invalid(kindOf(request), object.metadata?.name ?? '', errors);
    return nothing;
  }

  checkView(request: ResourceRequest, { object, old }: PendingWrite): Promise<void> | undefined {
    if (this.resource !== 'resourceclaims' || request.info.subresource !== 'status') return undefined;
    return checkStatus(request, object, old);
  }

  removal(): readonly [] {
    return [];
  }
}

async function checkStatus(
  request: ResourceRequest,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
): Promise<void> {
  const { storage } = request.definition;
  const statusOf = (one: KubernetesObject | undefined): ResourceClaimStatus =>
    one === undefined ? {} : (((storage?.convert?.to(one) ?? one) as ResourceClaim).status ?? {});
  const errors = await checkClaimStatus(request, statusOf(object), statusOf(old));
  if (errors.length > 0) throw invalid(kindOf(request), request.info.name, errors);
}

function requestsOf({ spec }: ResourceClaim | ResourceClaimTemplate): readonly DeviceRequest[] {
  const claim = spec !== undefined && 'spec' in spec ? spec.spec : (spec as ResourceClaim['spec'] | undefined);
  return claim?.devices?.requests ?? [];
}

async function checkAdminAccess(
  request: ResourceRequest,
  requests: readonly DeviceRequest[],
  errors: FieldError[],
): Promise<void> {
  const index = requests.findIndex(({ exactly }) => exactly?.adminAccess === true);
  if (index < 0 || (await isMarked(request))) return;
  // The path is that in a claim, also for templates.
  const path = specPath.child('devices', 'requests').index(index).child('adminAccess');
  errors.push(
    path.forbidden(`admin access to devices requires the \`${label}: true\` label on the containing namespace`),
  );
}

async function isMarked({ registry, info }: ResourceRequest): Promise<boolean> {
  const definition = registry.catalog.find('', 'v1', 'namespaces');
  if (definition === undefined) throw new Error('no definition of namespaces');
  const namespaces = await registry.cacheOf(definition);
  await registry.feed.catchUp();
  return namespaces.get(registry.keyFor(definition, '', info.namespace))?.labels?.[label] === 'true';
}

function expressionsOf(selectors: readonly DeviceSelector[] | undefined, path: Path): Expressions {
  return (selectors ?? []).flatMap(({ cel }, index) =>
    cel ? [[path.index(index).child('cel', 'expression'), cel.expression ?? ''] as const] : [],
  );
}

function selectorsOfRequests(requests: readonly DeviceRequest[], path: Path): Expressions {
  return requests.flatMap(({ exactly, firstAvailable }, index) => {
    const at = path.index(index);
    const alternatives = at.child('firstAvailable');
    return [
      ...expressionsOf(exactly?.selectors, at.child('exactly', 'selectors')),
      ...(firstAvailable ?? []).flatMap(({ selectors }, nth) =>
        expressionsOf(selectors, alternatives.index(nth).child('selectors')),
      ),
    ];
  });
}

/** Those of a stored class were right when they were written. */
function selectorsOfClass(object: DeviceClass | KubernetesObject, old: KubernetesObject | undefined): Expressions {
  const selectors = (object as DeviceClass).spec?.selectors;
  if (old !== undefined && semanticDeepEqual(selectors, (old as DeviceClass).spec?.selectors)) return [];
  return expressionsOf(selectors, specPath.child('selectors'));
}

async function checkExpressions(expressions: Expressions, errors: FieldError[]): Promise<void> {
  // More, or longer ones, are refused by validation without a look at what they say.
  const judged = expressions.filter(([, expression]) => Buffer.byteLength(expression) <= maxExpressionBytes);
  if (judged.length === 0 || judged.length > maxExpressions) return;
  const { expressionError } = await import('../api/resource/selector-expressions.ts');
  for (const [path, expression] of judged) {
    const error = expressionError(path, expression);
    if (error !== undefined) errors.push(error);
  }
}
