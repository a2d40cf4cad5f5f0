import { badRequest } from '../../machinery/status.ts';
import type { RequestInfo } from '../contract.ts';

/** Subresources that namespaces themselves have: `/namespaces/<name>/<one of these>` is not a namespaced resource. */
const namespaceSubresources = new Set(['status', 'finalize']);

const verbOfMethod: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw badRequest(`invalid percent-encoding in the path segment ${JSON.stringify(segment)}`, error);
  }
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value !== 'false' && value !== 'False' && value !== 'FALSE';
}

/**
 * Reads what a request means from its method, path and query, by upstream's rules:
 * `/api/v1/...`, `/apis/<group>/<version>/...`, `namespaces/<ns>/<resource>/<name>/<subresource>/<remainder>`, and the
 * older `/watch/` prefix. Anything else is a non-resource path.
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = path.split('/').filter((segment) => segment !== '');
  const nonResource: RequestInfo = {
    isResourceRequest: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    apiGroup: '',
    apiVersion: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    remainder: '',
  };
  const [apiPrefix] = segments;
  if (segments.length < 3 || (apiPrefix !== 'api' && apiPrefix !== 'apis')) return nonResource;
  let at = 1;
  let apiGroup = '';
  if (apiPrefix === 'apis') {
    if (segments.length < 4) return nonResource;
    apiGroup = decodeSegment(segments[at++] ?? '');
  }
  const apiVersion = decodeSegment(segments[at++] ?? '');
  let verb = verbOfMethod[method] ?? method.toLowerCase();
  if (segments[at] === 'watch' && segments.length > at + 1) {
    verb = 'watch';
    at++;
  }
  let parts = segments.slice(at).map(decodeSegment);
  let namespace = '';
  const [first, second, third] = parts;
  if (first === 'namespaces' && second !== undefined) {
    namespace = second;
    if (third !== undefined && !namespaceSubresources.has(third)) parts = parts.slice(2);
  }
  const resource = parts[0] ?? '';
  const name = parts[1] ?? '';
  const subresource = parts[2] ?? '';
  const remainder = parts.slice(3).join('/') + (path.endsWith('/') && parts.length > 3 ? '/' : '');
  if (name === '' && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  else if (name === '' && verb === 'delete') verb = 'deletecollection';
  // A watch of one object is a list with a name in its field selector.
  else if (verb === 'get' && subresource === '' && isTrue(query.get('watch'))) verb = 'watch';
  return {
    isResourceRequest: true,
    path,
    verb,
    apiPrefix,
    apiGroup,
    apiVersion,
    namespace,
    resource,
    subresource,
    name,
    remainder,
  };
}
