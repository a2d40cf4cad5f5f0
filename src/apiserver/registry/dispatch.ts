import type { KubernetesObject, ResourceDefinition, Subresource } from '../../api/contract.ts';
import { methodNotAllowed, notImplemented, pathNotFound } from '../../machinery/status.ts';
import type { RequestInfo } from '../contract.ts';
import { act } from './action.ts';
import { create } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteOne } from './delete.ts';
import { get } from './get.ts';
import { history } from './history.ts';
import { list } from './list.ts';
import { patch, patchThrough } from './patch.ts';
import type { ResourceRequest } from './request.ts';
import { scale } from './scale.ts';
import { update, updateThrough } from './update.ts';
import { watch, type OpenWatches } from './watch.ts';

/** Serves a request for a stored resource. Throws StatusErrors. */
export function dispatch(request: ResourceRequest, watches: OpenWatches): Promise<void> {
  const { definition, info } = request;
  if (info.subresource !== '') return dispatchSubresource(request);
  checkVerb(definition, info);
  switch (info.verb) {
    case 'get':
      return request.exchange.query.has('history') ? history(request) : get(request);
    case 'list':
      return list(request);
    case 'watch':
      return watch(request, watches);
    case 'create':
      return create(request);
    case 'update':
      return update(request);
    case 'patch':
      return patch(request);
    case 'delete':
      return deleteOne(request);
    case 'deletecollection':
      return deleteCollection(request);
    default:
      throw methodNotAllowed();
  }
}

const verbsOfCollections: ReadonlySet<string> = new Set(['create', 'list', 'watch', 'deletecollection']);
const verbsOfObjects: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'update', 'patch', 'delete']);

/** Refuses verbs that the kind does not have, and those that the path, of a collection or an object, does not have. */
function checkVerb(definition: ResourceDefinition, { verb, name }: RequestInfo): void {
  const verbs = name === '' ? verbsOfCollections : verbsOfObjects;
  if (!verbs.has(verb) || !definition.verbs.some((one) => one === verb)) throw methodNotAllowed();
}

function dispatchSubresource(request: ResourceRequest): Promise<void> {
  const { definition, info } = request;
  const subresource: Subresource<KubernetesObject> | undefined = definition.subresources[info.subresource];
  if (subresource === undefined || info.name === '') throw pathNotFound();
  switch (subresource.shape) {
    case 'view': {
      const verbs = subresource.verbs ?? ['get', 'update', 'patch'];
      if (!verbs.some((verb) => verb === info.verb)) throw methodNotAllowed();
      if (info.verb === 'get') return get(request);
      return info.verb === 'patch' ? patchThrough(request, subresource) : updateThrough(request, subresource);
    }
    case 'scale':
      return scale(request, subresource);
    case 'action':
      return act(request, subresource);
    case 'connect':
    case 'served':
      throw notImplemented(`${definition.plural}/${info.subresource} is not implemented yet`);
  }
}
