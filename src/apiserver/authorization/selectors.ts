/** What requests for many objects are narrowed to, as authorizers may ask (KEP-4601). */
import type { UserInfo } from '../../api/contract.ts';
import { FieldSelector, type FieldRequirement } from '../../machinery/field-selector.ts';
import type { LabelRequirement } from '../../machinery/label-requirement.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import type { AuthorizationAttributes, RequestInfo } from '../contract.ts';

/** What could be read of the selectors. A requirement that is not understood is left out: the request is then wider. */
export interface RequestSelectors {
  readonly fields: readonly FieldRequirement[];
  readonly labels: readonly LabelRequirement[];
  readonly errors: readonly string[];
}

const manyVerbs: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);
/** What may stand in a path as one segment: a name in a selector is taken for the request's when it could be in its path. */
const pathSegment = /^(?!\.{1,2}$)[^/%]+$/;

/** Reads selectors when an authorizer first asks: most do not. */
class QuerySelectors implements RequestSelectors {
  readonly #query: URLSearchParams;
  #read: RequestSelectors | undefined;

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  get fields(): readonly FieldRequirement[] {
    return this.#all.fields;
  }

  get labels(): readonly LabelRequirement[] {
    return this.#all.labels;
  }

  get errors(): readonly string[] {
    return this.#all.errors;
  }

  get #all(): RequestSelectors {
    return (this.#read ??= readSelectors(
      this.#query.get('fieldSelector') ?? '',
      this.#query.get('labelSelector') ?? '',
    ));
  }
}

export function readSelectors(fieldSelector: string, labelSelector: string): RequestSelectors {
  const errors: string[] = [];
  const attempt = <T>(read: () => readonly T[]): readonly T[] => {
    try {
      return read();
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  };
  return {
    fields: attempt(() => (fieldSelector === '' ? [] : FieldSelector.parse(fieldSelector).requirements)),
    labels: attempt(() => (labelSelector === '' ? [] : LabelSelector.parse(labelSelector).requirements)),
    errors,
  };
}

/**
 * What authorizers are asked about a request. A list or watch of one object, by `metadata.name` in its field selector, is
 * about that object.
 */
export function attributesOf(user: UserInfo, request: RequestInfo, query: URLSearchParams): AuthorizationAttributes {
  if (!request.isResourceRequest || query.size === 0 || !manyVerbs.has(request.verb)) return { user, request };
  if (!query.has('fieldSelector') && !query.has('labelSelector')) return { user, request };
  const selectors = new QuerySelectors(query);
  if (request.name !== '' || request.verb === 'deletecollection') return { user, request, selectors };
  const named = selectors.fields.find(({ field, operator }) => field === 'metadata.name' && operator === '=');
  if (named === undefined || !pathSegment.test(named.value)) return { user, request, selectors };
  return { user, request: { ...request, name: named.value }, selectors };
}
