/** What a LimitRange can demand of one resource, as the sentence in which it is refused. */
import { quantityOf } from '../../../../api/core/resource-list.ts';
import type { ResourceList } from '../../../../api/types/core.v1.ts';

/** What is asked for. */
export interface Asked {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

/** Gives a sentence when `asked` does not meet the bound. */
export type Constraint = (type: string, resource: string, bound: string, asked: Asked) => string | undefined;

export const minimum: Constraint = (type, resource, bound, { requests, limits }) => {
  const [request, limit] = [requests[resource], limits[resource]];
  const rule = `minimum ${resource} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (isLess(request, bound)) return `${rule}, but request is ${request}`;
  if (limit !== undefined && isLess(limit, bound)) return `${rule}, but limit is ${limit}`;
  return undefined;
};

export const maximum: Constraint = (type, resource, bound, { requests, limits }) => {
  const [request, limit] = [requests[resource], limits[resource]];
  const rule = `maximum ${resource} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (isLess(bound, limit)) return `${rule}, but limit is ${limit}`;
  if (request !== undefined && isLess(bound, request)) return `${rule}, but request is ${request}`;
  return undefined;
};

/** For what has requests alone. */
export const maximumRequest: Constraint = (type, resource, bound, { requests }) => {
  const request = requests[resource];
  const rule = `maximum ${resource} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return isLess(bound, request) ? `${rule}, but request is ${request}` : undefined;
};

export const maximumRatio: Constraint = (type, resource, bound, { requests, limits }) => {
  const request = quantityOf(requests[resource]);
  const limit = quantityOf(limits[resource]);
  const rule = `${resource} max limit to request ratio per ${type} is ${bound}`;
  if (request.sign === 0) return `${rule}, but no request is specified or request is 0`;
  if (limit.sign === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit.toNumber() / request.toNumber();
  return ratio > quantityOf(bound).toNumber() ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
};

function isLess(a: string, b: string): boolean {
  return quantityOf(a).compare(quantityOf(b)) < 0;
}

/** The sentences for all resources that `bounds` names. */
export function violations(
  constraint: Constraint,
  type: string,
  bounds: ResourceList | undefined,
  asked: Asked,
): string[] {
  const found: string[] = [];
  for (const [resource, bound] of Object.entries(bounds ?? {})) {
    const sentence = constraint(type, resource, bound, asked);
    if (sentence !== undefined) found.push(sentence);
  }
  return found;
}
