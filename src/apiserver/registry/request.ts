import type { GroupVersionKind, ResourceDefinition, StrategyContext, UserInfo } from '../../api/contract.ts';
import type { QualifiedResource } from '../../machinery/status.ts';
import type { Exchange, RequestInfo } from '../contract.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Registry } from './registry.ts';

/** A request for a stored resource, understood and permitted. */
export interface ResourceRequest {
  readonly registry: Registry;
  readonly exchange: Exchange;
  readonly info: RequestInfo;
  readonly definition: ResourceDefinition;
  readonly cache: ResourceCache;
  readonly user: UserInfo;
}

export function resourceOf({ definition }: Pick<ResourceRequest, 'definition'>): QualifiedResource {
  return { group: definition.group, resource: definition.plural };
}

export function kindOf({ definition }: Pick<ResourceRequest, 'definition'>): GroupVersionKind {
  return { group: definition.group, version: definition.version, kind: definition.kind };
}

export function apiVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

export function strategyContext({ registry, user, exchange }: ResourceRequest): StrategyContext {
  return { nowMs: registry.clock.now(), user, warn: (text) => exchange.addWarning(text) };
}

/** The key of the object that the request's path names. */
export function requestKey({ registry, definition, info }: ResourceRequest): string {
  return registry.keyFor(definition, info.namespace, info.name);
}
