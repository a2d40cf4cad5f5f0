/** CEL over the claims of a token, and over the user that they make (KEP-3331). */
import type { UserInfo } from '../../../api/contract.ts';
import type { Node } from '../../../machinery/cel/ast.ts';
import { compile } from '../../../machinery/cel/compile.ts';
import type { CelProgram, CelTypeProvider, CompileOptions } from '../../../machinery/cel/contract.ts';
import { parse } from '../../../machinery/cel/parser.ts';
import { boolType, dynType, listType, mapType, objectType, stringType } from '../../../machinery/cel/types.ts';
import type { CelType } from '../../../machinery/cel/types.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { AuthenticationError } from '../authentication-error.ts';

export type Expression = CelProgram;

export type Compiled =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problem: string };

const userTypeName = 'kubernetes.UserInfo';
const userFields: Readonly<Record<string, CelType>> = {
  username: stringType,
  uid: stringType,
  groups: listType(stringType),
  extra: mapType(stringType, listType(stringType)),
};
const userTypes: CelTypeProvider = {
  hasType: (name) => name === userTypeName,
  field(typeName, fieldName) {
    const type = typeName === userTypeName && Object.hasOwn(userFields, fieldName) ? userFields[fieldName] : undefined;
    return type && { type };
  },
};
const overClaims: CompileOptions = { variables: { claims: mapType(stringType, dynType) } };
const overUser: CompileOptions = { variables: { user: objectType(userTypeName) }, types: userTypes };

/** An expression over `claims` whose value is checked when it is there. */
export function compileMapping(text: string): Compiled {
  return compiled(text, overClaims);
}

/** A rule over `claims`. */
export function compileClaimRule(text: string): Compiled {
  return compiled(text, { ...overClaims, resultTypes: [boolType] });
}

/** A rule over `user`. */
export function compileUserRule(text: string): Compiled {
  return compiled(text, { ...overUser, resultTypes: [boolType] });
}

function compiled(text: string, options: CompileOptions): Compiled {
  const result = compile(text, options);
  if (result.ok) return { ok: true, expression: result.program };
  const { kind, message } = result.error;
  const problem = kind === 'syntax' || kind === 'type' ? `compilation failed: ${message}` : message;
  return { ok: false, problem };
}

/** The value of an expression over claims. Throws an AuthenticationError that begins with `what`. */
export function valueOf(expression: Expression, claims: JsonObject, what: string): unknown {
  return evaluated(expression, { claims }, what);
}

/** A text, or a list of texts, without empty ones; null is none. Throws an AuthenticationError. */
export function textsOf(expression: Expression, claims: JsonObject, what: string): readonly string[] {
  const value = valueOf(expression, claims, what);
  if (value === null) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = all.filter((each) => typeof each === 'string');
  if (texts.length !== all.length) {
    throw new AuthenticationError(`oidc: ${what}: expression must return a string or a list of strings`);
  }
  return texts.filter((text) => text !== '');
}

export interface Rule {
  readonly expression: Expression;
  readonly message: string;
}

/** Throws an AuthenticationError with the message of the first rule that does not hold. */
export function checkClaimRules(rules: readonly Rule[], claims: JsonObject): void {
  for (const rule of rules) checkRule(rule, { claims }, 'error evaluating claim validation expression');
}

export function checkUserRules(rules: readonly Rule[], { username, uid, groups, extra }: UserInfo): void {
  const user = { username, uid: uid ?? '', groups, extra: extra ?? {} };
  for (const rule of rules) checkRule(rule, { user }, 'error evaluating user info validation rule');
}

function checkRule({ expression, message }: Rule, bindings: Readonly<Record<string, unknown>>, what: string): void {
  const value = evaluated(expression, bindings, what);
  if (value === true) return;
  throw new AuthenticationError(
    typeof value === 'boolean'
      ? `oidc: ${what}: validation expression '${expression.expression}' failed: ${message}`
      : `oidc: ${what}: validation expression must return a boolean`,
  );
}

function evaluated(expression: Expression, bindings: Readonly<Record<string, unknown>>, what: string): unknown {
  const result = expression.evaluate(bindings);
  if (result.ok) return result.value;
  const { expression: text } = expression;
  throw new AuthenticationError(`oidc: ${what}: expression '${text}' resulted in error: ${result.message}`);
}

/** Whether an expression reads `claims.FIELD`, in whatever form. */
export function readsClaim(text: string, field: string): boolean {
  const parsed = parse(text);
  return parsed.ok && selects(parsed.tree, field);
}

function selects(node: Node, field: string): boolean {
  const some = (nodes: readonly Node[]): boolean => nodes.some((one) => selects(one, field));
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return false;
    case 'select':
      return (isClaims(node.operand) && node.field === field) || selects(node.operand, field);
    case 'call': {
      const [operand, name] = node.args;
      const isOptionalSelect =
        node.name === '_?._' && isClaims(operand) && name?.kind === 'literal' && name.value === field;
      return isOptionalSelect || some(node.args) || (node.target !== undefined && selects(node.target, field));
    }
    case 'list':
      return some(node.elements);
    case 'map':
      return node.entries.some(({ key, value }) => selects(key, field) || selects(value, field));
    case 'struct':
      return some(node.fields.map(({ value }) => value));
    case 'comprehension':
      return some([node.range, node.accuInit, node.condition, node.step, node.result]);
  }
}

function isClaims(node: Node | undefined): boolean {
  return node?.kind === 'ident' && node.name === 'claims';
}
