import type { Exchange } from '../contract.ts';

const annotations = new WeakMap<Exchange, Map<string, string>>();

/** Adds to the audit event of a request. The first value of a key stays, as upstream has it. */
export function addAuditAnnotation(exchange: Exchange, key: string, value: string): void {
  let own = annotations.get(exchange);
  if (own === undefined) annotations.set(exchange, (own = new Map()));
  if (!own.has(key)) own.set(key, value);
}

/** What a request's audit event is to be annotated with. */
export function auditAnnotationsOf(exchange: Exchange): ReadonlyMap<string, string> | undefined {
  return annotations.get(exchange);
}
