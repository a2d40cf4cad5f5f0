/** CEL over a SubjectAccessReview's spec as `request`: whether a webhook is to be asked (KEP-3221). */
import type { SubjectAccessReviewSpec } from '../../../api/types/authorization.v1.ts';
import { compile } from '../../../machinery/cel/compile.ts';
import type { CelProgram, CelTypeProvider } from '../../../machinery/cel/contract.ts';
import { boolType, listType, mapType, objectType, stringType } from '../../../machinery/cel/types.ts';
import type { CelType } from '../../../machinery/cel/types.ts';

const texts = listType(stringType);
const selectorFields = {
  rawSelector: stringType,
  requirements: listType(objectType('kubernetes.SelectorRequirement')),
};
const types: Readonly<Record<string, Readonly<Record<string, CelType>>>> = {
  'kubernetes.SubjectAccessReviewSpec': {
    resourceAttributes: objectType('kubernetes.ResourceAttributes'),
    nonResourceAttributes: objectType('kubernetes.NonResourceAttributes'),
    user: stringType,
    groups: texts,
    extra: mapType(stringType, texts),
    uid: stringType,
  },
  'kubernetes.ResourceAttributes': {
    namespace: stringType,
    verb: stringType,
    group: stringType,
    version: stringType,
    resource: stringType,
    subresource: stringType,
    name: stringType,
    fieldSelector: objectType('kubernetes.FieldSelectorAttributes'),
    labelSelector: objectType('kubernetes.LabelSelectorAttributes'),
  },
  'kubernetes.FieldSelectorAttributes': selectorFields,
  'kubernetes.LabelSelectorAttributes': selectorFields,
  'kubernetes.SelectorRequirement': { key: stringType, operator: stringType, values: texts },
  'kubernetes.NonResourceAttributes': { path: stringType, verb: stringType },
};
const provider: CelTypeProvider = {
  hasType: (name) => Object.hasOwn(types, name),
  field(typeName, fieldName) {
    const fields = Object.hasOwn(types, typeName) ? types[typeName] : undefined;
    const type = fields !== undefined && Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
    return type && { type };
  },
};

/** What is wrong with an expression; undefined when nothing is. */
export function matchConditionProblem(expression: string): string | undefined {
  const result = compileCondition(expression);
  if (result.ok) return undefined;
  const { kind, message } = result.error;
  return kind === 'syntax' || kind === 'type' ? `compilation failed: ${message}` : message;
}

function compileCondition(expression: string): ReturnType<typeof compile> {
  return compile(expression, {
    variables: { request: objectType('kubernetes.SubjectAccessReviewSpec') },
    types: provider,
    resultTypes: [boolType],
  });
}

export type Match =
  | { readonly matches: boolean; readonly error?: undefined }
  /** None was false, and one could not be evaluated. */
  | { readonly matches: false; readonly error: string };

/** All conditions of one webhook. */
export class MatchConditions {
  readonly #programs: readonly CelProgram[];

  /** Throws an Error for an expression that does not compile. */
  constructor(expressions: readonly string[]) {
    this.#programs = expressions.map((expression) => {
      const result = compileCondition(expression);
      if (!result.ok) throw new Error(`${expression}: ${result.error.message}`);
      return result.program;
    });
  }

  /** A condition that is false decides, whatever is wrong with others. */
  match(spec: SubjectAccessReviewSpec): Match {
    const request = wholeSpec(spec);
    const errors: string[] = [];
    for (const program of this.#programs) {
      const result = program.evaluate({ request });
      if (!result.ok) errors.push(`cel evaluation error: ${result.message}`);
      else if (result.value !== true) return { matches: false };
    }
    const [error] = errors;
    if (error === undefined) return { matches: true };
    return { matches: false, error: errors.length === 1 ? error : `[${errors.join(', ')}]` };
  }
}

/** Expressions may read every text without asking whether it is there. */
function wholeSpec({
  user,
  groups,
  uid,
  extra,
  resourceAttributes,
  nonResourceAttributes,
}: SubjectAccessReviewSpec): object {
  return {
    user: user ?? '',
    groups: groups ?? [],
    uid: uid ?? '',
    extra: extra ?? {},
    ...(resourceAttributes === undefined
      ? {}
      : {
          resourceAttributes: {
            namespace: '',
            verb: '',
            group: '',
            version: '',
            resource: '',
            subresource: '',
            name: '',
            ...resourceAttributes,
          },
        }),
    ...(nonResourceAttributes === undefined
      ? {}
      : { nonResourceAttributes: { path: '', verb: '', ...nonResourceAttributes } }),
  };
}
