import type { PolicyRule } from '../../../api/types/rbac.v1.ts';
import type { RequestInfo } from '../../contract.ts';
import { urlMatches } from './rule-match.ts';

/** One rule as it stands under one of its resources or paths; `source` is what granted it. */
interface Entry<Source> {
  readonly verbs: readonly string[];
  /** Undefined: objects of every name. */
  readonly names: readonly string[] | undefined;
  readonly source: Source;
}

const noNames: readonly string[] = [];

/** Many rules, laid out so that a request finds those about its resource with a few look-ups, however many there are. */
export class RuleTable<Source> {
  /** By API group and then by `resource`, `resource/subresource`, `*` or `*` + `/subresource`. */
  readonly #byGroup = new Map<string, Map<string, Entry<Source>[]>>();
  readonly #byPath = new Map<string, Entry<Source>[]>();
  readonly #byPathPattern: (Entry<Source> & { readonly pattern: string })[] = [];

  add(rule: PolicyRule, source: Source): void {
    const { resourceNames = noNames, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
    const verbs = rule.verbs ?? [];
    const entry = { verbs, names: resourceNames.length === 0 ? undefined : resourceNames, source };
    for (const group of apiGroups) {
      let byResource = this.#byGroup.get(group);
      if (byResource === undefined) this.#byGroup.set(group, (byResource = new Map()));
      for (const resource of resources) push(byResource, resource, entry);
    }
    const ofPath = { verbs, names: undefined, source };
    for (const url of nonResourceURLs) {
      if (url.endsWith('*')) this.#byPathPattern.push({ ...ofPath, pattern: url });
      else push(this.#byPath, url, ofPath);
    }
  }

  /**
   * What allows a request; undefined when nothing here does.
   * @param combined The request's resource with its subresource.
   * @param ofAny The subresource of whatever resource, with `*` before its slash; '' when there is none.
   */
  find(request: RequestInfo, combined: string, ofAny: string): Source | undefined {
    if (!request.isResourceRequest) return this.#findPath(request);
    return (
      findResource(this.#byGroup.get(request.apiGroup), request, combined, ofAny) ??
      findResource(this.#byGroup.get('*'), request, combined, ofAny)
    );
  }

  #findPath({ path, verb }: RequestInfo): Source | undefined {
    const exact = findEntry(this.#byPath.get(path), verb, '');
    if (exact !== undefined) return exact;
    for (const entry of this.#byPathPattern) {
      if (urlMatches(entry.pattern, path) && hasVerb(entry.verbs, verb)) return entry.source;
    }
    return undefined;
  }
}

function push<Source>(into: Map<string, Entry<Source>[]>, key: string, entry: Entry<Source>): void {
  const entries = into.get(key);
  if (entries === undefined) into.set(key, [entry]);
  else entries.push(entry);
}

function hasVerb(verbs: readonly string[], verb: string): boolean {
  for (const one of verbs) if (one === verb || one === '*') return true;
  return false;
}

function findResource<Source>(
  byResource: Map<string, Entry<Source>[]> | undefined,
  { verb, name }: RequestInfo,
  combined: string,
  ofAny: string,
): Source | undefined {
  if (byResource === undefined) return undefined;
  return (
    findEntry(byResource.get(combined), verb, name) ??
    findEntry(byResource.get('*'), verb, name) ??
    (ofAny === '' ? undefined : findEntry(byResource.get(ofAny), verb, name))
  );
}

function findEntry<Source>(
  entries: readonly Entry<Source>[] | undefined,
  verb: string,
  name: string,
): Source | undefined {
  if (entries === undefined) return undefined;
  for (const entry of entries) {
    if (hasVerb(entry.verbs, verb) && (entry.names === undefined || entry.names.includes(name))) return entry.source;
  }
  return undefined;
}
