/** Whether expressions that select devices can be evaluated (KEP-4381). Loads CEL: import it when there is one. */
import { compile } from '../../machinery/cel/compile.ts';
import {
  perCallCostLimit,
  type CelTypeProvider,
  type CompileOptions,
  type SizeEstimate,
} from '../../machinery/cel/contract.ts';
import { quantityType } from '../../machinery/cel/library/quantity.ts';
import { anyType, boolType, formatType, mapType, objectType, stringType } from '../../machinery/cel/types.ts';
import type { CelType } from '../../machinery/cel/types.ts';
import type { FieldError, Path } from '../../machinery/field-error.ts';

const deviceTypeName = 'kubernetes.DRADevice';
const deviceFields: Readonly<Record<string, CelType>> = {
  driver: stringType,
  attributes: mapType(stringType, mapType(stringType, anyType)),
  capacity: mapType(stringType, mapType(stringType, quantityType)),
  allowMultipleAllocations: boolType,
};
const types: CelTypeProvider = {
  hasType: (name) => name === deviceTypeName,
  field(typeName, fieldName) {
    const type =
      typeName === deviceTypeName && Object.hasOwn(deviceFields, fieldName) ? deviceFields[fieldName] : undefined;
    return type && { type };
  },
};

const maxDomainLength = 63;
const maxIdLength = 32;
const maxEntries = 32;
const maxValueLength = 64;

/** Devices are small: without this, every string would count as of any length. */
function estimateSize([variable, field, ...rest]: readonly string[]): SizeEstimate | undefined {
  if (variable !== 'device') return undefined;
  const upTo = (max: number): SizeEstimate => ({ min: 0, max });
  if (field === 'driver') return rest.length === 0 ? upTo(maxDomainLength) : undefined;
  if (field !== 'attributes' && field !== 'capacity') return undefined;
  const [outer, inner] = rest;
  if (outer === undefined) return upTo(maxEntries);
  if (outer === '@keys') return upTo(maxDomainLength);
  if (inner === undefined) return upTo(maxEntries);
  if (inner === '@keys') return upTo(maxIdLength);
  return field === 'attributes' ? upTo(maxValueLength) : undefined;
}

const options: CompileOptions = { variables: { device: objectType(deviceTypeName) }, types, estimateSize };
/** Upstream's environment for devices has this macro, and ours does not: what uses it is not judged. */
const binding = /\bcel\s*\.\s*bind\s*\(/;

/** What is wrong with an expression, in upstream's words. */
export function expressionError(path: Path, expression: string): FieldError | undefined {
  if (binding.test(expression)) return undefined;
  const result = compile(expression, options);
  if (!result.ok) {
    const { kind, message } = result.error;
    return kind === 'program'
      ? path.internalError(message)
      : path.invalid(expression, `compilation failed: ${message}`);
  }
  const { resultType, estimatedCost } = result.program;
  if (resultType.kind !== 'bool' && resultType.kind !== 'any') {
    const rule = `must evaluate to bool or the unknown type, not ${formatType(resultType)}`;
    return path.invalid(expression, rule);
  }
  return estimatedCost.max > perCallCostLimit ? path.forbidden('too complex, exceeds cost limit') : undefined;
}
