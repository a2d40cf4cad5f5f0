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

/** The parts of a path between its slashes, empty ones left out, still percent-encoded. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (let start = 0; start < path.length;) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) segments.push(path.slice(start, end));
    start = end + 1;
  }
  return segments;
}

function nonResource(method: string, path: string): RequestInfo {
  return {
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
}

/**
 * Reads what a request means from its method, path and query, by upstream's rules:
 * `/api/v1/...`, `/apis/<group>/<version>/...`, `namespaces/<ns>/<resource>/<name>/<subresource>/<remainder>`, and the
 * older `/watch/` prefix. Anything else is a non-resource path.
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = segmentsOf(path);
  const [apiPrefix] = segments;
  if (apiPrefix === 'api' ? segments.length < 3 : apiPrefix !== 'apis' || segments.length < 4) {
    return nonResource(method, path);
  }
  for (let i = 1; i < segments.length; i++) segments[i] = decodeSegment(segments[i] ?? '');
  const apiGroup = apiPrefix === 'apis' ? (segments[1] ?? '') : '';
  /** Where the resource's name stands, after what was read so far. */
  let at = apiPrefix === 'apis' ? 2 : 1;
  const apiVersion = segments[at++] ?? '';
  let verb = verbOfMethod[method] ?? method.toLowerCase();
  if (segments[at] === 'watch' && segments.length > at + 1) {
    verb = 'watch';
    at++;
  }
  let namespace = '';
  const inNamespace = segments[at + 2];
  if (segments[at] === 'namespaces' && segments.length > at + 1) {
    namespace = segments[at + 1] ?? '';
    if (inNamespace !== undefined && !namespaceSubresources.has(inNamespace)) at += 2;
  }
  const resource = segments[at] ?? '';
  const name = segments[at + 1] ?? '';
  const subresource = segments[at + 2] ?? '';
  const hasRemainder = segments.length > at + 3;
  const remainder = hasRemainder ? segments.slice(at + 3).join('/') + (path.endsWith('/') ? '/' : '') : '';
  if (name === '' && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  else if (name === '' && verb === 'delete') verb = 'deletecollection';
  // A watch of one object is a list with a name in its field selector.
  else if (verb === 'get' && subresource === '' && isTrue(query.get('watch'))) verb = 'watch';
  return {
    isResourceRequest: true,
    path,
    verb,
    apiPrefix: apiPrefix ?? '',
    apiGroup,
    apiVersion,
    namespace,
    resource,
    subresource,
    name,
    remainder,
  };
}
