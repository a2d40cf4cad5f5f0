/** Objects that are questions: read as any object, answered with a status, stored nowhere. */
import type { KubernetesObject } from '../api/contract.ts';
import { methodNotAllowed } from '../machinery/status.ts';
import type { VirtualRequest } from './handler.ts';
import { assertTakesObject } from './http/negotiation.ts';
import { noBody } from './registry/body-errors.ts';
import { decodeObject, readRequestBody } from './registry/body.ts';
import { parseWriteOptions } from './registry/options.ts';
import { sendTyped } from './registry/respond.ts';

/** Throws a StatusError for what is no question of the kind. */
export async function readReview<T extends KubernetesObject>(request: VirtualRequest): Promise<T> {
  const { exchange, definition, info } = request;
  if (info.verb !== 'create') {
    throw methodNotAllowed();
  }
  assertTakesObject(exchange.header('accept'));
  const options = parseWriteOptions(exchange.query, 'CreateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw noBody(definition.kind);
  return decodeObject(exchange, body, definition, definition.schema, options.fieldValidation) as T;
}

export function answerReview({ exchange, definition }: VirtualRequest, review: object, status: object): Promise<void> {
  return sendTyped(exchange, 201, {
    ...review,
    kind: definition.kind,
    apiVersion: `${definition.group}/${definition.version}`,
    metadata: { creationTimestamp: null },
    status,
  });
}
