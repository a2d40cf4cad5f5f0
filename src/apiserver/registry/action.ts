import type { ActionSubresource, KubernetesObject } from '../../api/contract.ts';
import { lookupType } from '../../api/schema/schema.ts';
import { methodNotAllowed, notFound } from '../../machinery/status.ts';
import { decodeObject, readRequestBody } from './body.ts';
import { noBody } from './body-errors.ts';
import { objectOf } from './convert.ts';
import { evict, SeveralBudgetsError } from './eviction.ts';
import { checkNamespace, metadataOf } from './metadata.ts';
import { checkDeleteOptions, parseWriteOptions, type DeleteOptions } from './options.ts';
import { resourceOf, strategyContext, type ResourceRequest } from './request.ts';
import { sendTyped } from './respond.ts';
import { commitUpdate, currentObject, retryStale } from './write.ts';

/** POST of another kind to an object that it acts on: a Binding or an Eviction to a Pod. */
export async function act(request: ResourceRequest, subresource: ActionSubresource<KubernetesObject>): Promise<void> {
  const { exchange, definition, cache, info } = request;
  if (info.verb !== 'create') throw methodNotAllowed();
  const { group, version, kind } = subresource.body;
  const schema = lookupType(group, version, kind);
  if (schema === undefined) throw new Error(`no schema for ${group}/${version} ${kind}`);
  const options = parseWriteOptions(exchange.query, 'CreateOptions');
  const body = await readRequestBody(exchange);
  if (body === undefined) throw noBody(kind);
  const action = decodeObject(exchange, body, subresource.body, schema, options.fieldValidation);
  checkNamespace(request, metadataOf(action));
  const gate = request.registry.admission.gate(request, 'CREATE', { dryRun: options.dryRun, kind: subresource.body });
  await gate?.admit(action, undefined);
  await gate?.validate(action, undefined);
  const asksToDelete = await retryStale(request, true, async () => {
    const current = currentObject(request);
    if (current === undefined) throw notFound(resourceOf(request), info.name);
    const object = objectOf(definition, cache, current);
    const outcome = subresource.act(object, action, strategyContext(request));
    if ('delete' in outcome) return true;
    await commitUpdate(request, current, outcome.update, options.dryRun);
    return false;
  });
  if (asksToDelete) {
    const { deleteOptions = {} } = action as { deleteOptions?: DeleteOptions };
    checkDeleteOptions(deleteOptions);
    try {
      await evict(request, options.dryRun ? { ...deleteOptions, dryRun: ['All'] } : deleteOptions);
    } catch (error) {
      if (!(error instanceof SeveralBudgetsError)) throw error;
      const failure = { status: 'Failure', message: error.message, code: 500 };
      await sendTyped(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, ...failure });
      return;
    }
  }
  await sendTyped(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}
