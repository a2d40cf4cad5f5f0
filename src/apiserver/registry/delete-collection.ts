import { StatusError } from '../../machinery/status.ts';
import { objectOf } from './convert.ts';
import { deleteObject, gateOf, readDeleteOptions, warnOfPropagation } from './delete.ts';
import { readPage, refuseContinue } from './list.ts';
import { parseListOptions } from './options.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';
import { sendTyped } from './respond.ts';
import { selectionOf } from './selection.ts';

/** Deletions under way at a time: enough to share the store's commits. */
const parallelDeletions = 64;

/** DELETE of a collection: every object that the selectors choose, each with the same options. */
export async function deleteCollection(request: ResourceRequest): Promise<void> {
  const { exchange, definition, cache } = request;
  const deleteOptions = await readDeleteOptions(exchange);
  warnOfPropagation(request, deleteOptions);
  const listOptions = parseListOptions(exchange.query, false);
  refuseContinue(listOptions);
  const selection = selectionOf(definition, listOptions.labelSelector, listOptions.fieldSelector, '');
  const page = await readPage(request, listOptions, selection);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let object = page.objects[next++]; object !== undefined; object = page.objects[next++]) {
      const one = { ...request, info: { ...request.info, name: object.name, namespace: object.namespace } };
      try {
        await deleteObject(one, deleteOptions, gateOf(one, deleteOptions));
      } catch (error) {
        // Somebody else was faster: the object is gone, which is what was asked for.
        if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelDeletions, page.objects.length) }, worker));
  await sendTyped(exchange, 200, {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition),
    metadata: page.metadata,
    // As they were, not as their deletion left them; an item of a list says not what kind it is.
    items: page.objects.map((object) => {
      const { kind: _kind, apiVersion: _apiVersion, ...item } = objectOf(definition, cache, object);
      return item;
    }),
  });
}
