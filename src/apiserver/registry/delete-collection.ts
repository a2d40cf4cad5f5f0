import { StatusError } from '../../machinery/status.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { objectOf } from './convert.ts';
import { deleteObject, readDeleteOptions } from './delete.ts';
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
  const listOptions = parseListOptions(exchange.query, false);
  refuseContinue(listOptions);
  const selection = selectionOf(definition, listOptions.labelSelector, listOptions.fieldSelector, '');
  const page = await readPage(request, listOptions, selection);
  const deleted: CachedObject[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let object = page.objects[next++]; object !== undefined; object = page.objects[next++]) {
      const one = { ...request, info: { ...request.info, name: object.name, namespace: object.namespace } };
      try {
        deleted.push((await deleteObject(one, deleteOptions)).object);
      } catch (error) {
        // Somebody else was faster: the object is gone, which is what was asked for.
        if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelDeletions, page.objects.length) }, worker));
  deleted.sort((a, b) => (a.key < b.key ? -1 : 1));
  await sendTyped(exchange, 200, {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition),
    metadata: page.metadata,
    items: deleted.map((object) => objectOf(definition, cache, object)),
  });
}
