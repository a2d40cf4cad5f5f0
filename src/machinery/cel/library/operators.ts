/** The operators of CEL. `&&`, `||`, `?:` and field selection are the evaluator's; here they have only their types. */
import {
  addInt,
  checkedUint,
  divideInt,
  divideUint,
  moduloInt,
  moduloUint,
  multiplyInt,
  negateDouble,
  negateInt,
  onDoubles,
  subtractInt,
} from '../arithmetic.ts';
import { operators } from '../ast.ts';
import { checkTextLength } from '../bounds.ts';
import type { Library, Overload, Param } from '../declarations.ts';
import {
  anything,
  bool,
  bytes,
  double,
  duration,
  dyn,
  global,
  int,
  list,
  map,
  optional,
  string,
  timestamp,
  uint,
} from '../declarations.ts';
import { equals, lookUp } from '../equality.ts';
import { fail } from '../failure.ts';
import { checkedDuration, checkedTimestamp } from '../moments.ts';
import { compare } from '../ordering.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  optionalType,
  paramType,
  stringType,
  timestampType,
  uintType,
} from '../types.ts';
import type { CelValue } from '../values.ts';
import { asDouble, isInt, keyText, Optional, Uint } from '../values.ts';

const a = paramType('A');
const b = paramType('B');
const anyA = anything(a);
const listOfA = list(a);
const mapOfAB = map(a, b);

type Sign = -1 | 0 | 1;

/** Overloads of one relation: the same types each, then numbers of different types. */
function relation(name: string, holds: (sign: Sign) => boolean): Overload[] {
  const test = (left: CelValue, right: CelValue): boolean => {
    const sign = compare(left, right);
    if (sign === 'incomparable') return fail('no such overload');
    return sign !== undefined && holds(sign);
  };
  const params: readonly [string, Param<CelValue>][] = [
    ['bool', bool],
    ['int64', int],
    ['uint64', uint],
    ['double', double],
    ['string', string],
    ['bytes', bytes],
    ['timestamp', timestamp],
    ['duration', duration],
  ];
  const same = params.map(([type, one]) => global(`${name}_${type}`, [one, one], boolType, test));
  const numbers = params.slice(1, 4);
  const mixed = numbers.flatMap(([left, one]) =>
    numbers
      .filter(([right]) => right !== left)
      .map(([right, other]) => global(`${name}_${left}_${right}`, [one, other], boolType, test)),
  );
  return [...same, ...mixed];
}

/** The position that an index means; undefined when it is outside. Whole doubles and uints are positions, too. */
export function listPosition(index: CelValue): number | undefined {
  if (isInt(index)) return typeof index === 'number' ? index : undefined;
  if (index instanceof Uint) return Number(index.value);
  const number = asDouble(index);
  if (number === undefined) return fail(`unsupported index type '${typeof index}' in list`);
  return Number.isInteger(number) ? number : fail(`unsupported index value ${number} in list`);
}

export function listItem(items: readonly CelValue[], index: CelValue): CelValue {
  const position = listPosition(index);
  const item = position === undefined ? undefined : items[position];
  return item === undefined ? fail(`index out of bounds: ${keyText(index)}`) : item;
}

export function mapItem(value: Parameters<typeof lookUp>[0], key: CelValue): CelValue {
  const found = lookUp(value, key);
  return found === undefined ? fail(`no such key: ${keyText(key)}`) : found;
}

function optionalItem(container: CelValue, index: CelValue): Optional {
  if (container instanceof Optional) {
    return container.value === undefined ? Optional.none : optionalItem(container.value, index);
  }
  if (Array.isArray(container)) {
    const position = listPosition(index);
    const item: CelValue | undefined = position === undefined ? undefined : (container as CelValue[])[position];
    return item === undefined ? Optional.none : new Optional(item);
  }
  const found = lookUp(container as Parameters<typeof lookUp>[0], index);
  return found === undefined ? Optional.none : new Optional(found);
}

const onlyForTypes = (): never => fail('no such overload');

export const operatorLibrary: Library = {
  [operators.conditional]: [global('conditional', [bool, anyA, anyA], a, onlyForTypes)],
  [operators.and]: [global('logical_and', [bool, bool], boolType, onlyForTypes)],
  [operators.or]: [global('logical_or', [bool, bool], boolType, onlyForTypes)],
  [operators.not]: [global('logical_not', [bool], boolType, (value) => !value)],
  [operators.notStrictlyFalse]: [global('not_strictly_false', [bool], boolType, (value) => value)],
  [operators.equals]: [global('equals', [anyA, anyA], boolType, equals)],
  [operators.notEquals]: [global('not_equals', [anyA, anyA], boolType, (left, right) => !equals(left, right))],
  [operators.less]: relation('less', (sign) => sign < 0),
  [operators.lessEquals]: relation('less_equals', (sign) => sign <= 0),
  [operators.greater]: relation('greater', (sign) => sign > 0),
  [operators.greaterEquals]: relation('greater_equals', (sign) => sign >= 0),
  [operators.add]: [
    global('add_bytes', [bytes, bytes], bytesType, (left, right) => Uint8Array.from([...left, ...right])),
    global(
      'add_double',
      [double, double],
      doubleType,
      onDoubles((left, right) => left + right),
    ),
    global('add_duration_duration', [duration, duration], durationType, (left, right) =>
      checkedDuration(left.nanos + right.nanos),
    ),
    global('add_duration_timestamp', [duration, timestamp], timestampType, (left, right) =>
      checkedTimestamp(left.nanos + right.nanos),
    ),
    global('add_timestamp_duration', [timestamp, duration], timestampType, (left, right) =>
      checkedTimestamp(left.nanos + right.nanos),
    ),
    global('add_int64', [int, int], intType, addInt),
    global('add_list', [listOfA, listOfA], listType(a), (left, right) => [...left, ...right]),
    global('add_string', [string, string], stringType, (left, right) => {
      checkTextLength(left.length + right.length);
      return left + right;
    }),
    global('add_uint64', [uint, uint], uintType, (left, right) => checkedUint(left.value + right.value)),
  ],
  [operators.subtract]: [
    global(
      'subtract_double',
      [double, double],
      doubleType,
      onDoubles((left, right) => left - right),
    ),
    global('subtract_duration_duration', [duration, duration], durationType, (left, right) =>
      checkedDuration(left.nanos - right.nanos),
    ),
    global('subtract_int64', [int, int], intType, subtractInt),
    global('subtract_timestamp_duration', [timestamp, duration], timestampType, (left, right) =>
      checkedTimestamp(left.nanos - right.nanos),
    ),
    global('subtract_timestamp_timestamp', [timestamp, timestamp], durationType, (left, right) =>
      checkedDuration(left.nanos - right.nanos),
    ),
    global('subtract_uint64', [uint, uint], uintType, (left, right) => checkedUint(left.value - right.value)),
  ],
  [operators.multiply]: [
    global(
      'multiply_double',
      [double, double],
      doubleType,
      onDoubles((left, right) => left * right),
    ),
    global('multiply_int64', [int, int], intType, multiplyInt),
    global('multiply_uint64', [uint, uint], uintType, (left, right) => checkedUint(left.value * right.value)),
  ],
  [operators.divide]: [
    global(
      'divide_double',
      [double, double],
      doubleType,
      onDoubles((left, right) => left / right),
    ),
    global('divide_int64', [int, int], intType, divideInt),
    global('divide_uint64', [uint, uint], uintType, divideUint),
  ],
  [operators.modulo]: [
    global('modulo_int64', [int, int], intType, moduloInt),
    global('modulo_uint64', [uint, uint], uintType, moduloUint),
  ],
  [operators.negate]: [
    global('negate_double', [double], doubleType, negateDouble),
    global('negate_int64', [int], intType, negateInt),
  ],
  [operators.index]: [
    global('index_list', [listOfA, int], a, listItem),
    global('index_map', [mapOfAB, anyA], b, mapItem),
    global('optional_list_index_int', [optional(listType(a)), int], optionalType(a), optionalItem),
    global('optional_map_index_value', [optional(mapType(a, b)), anyA], optionalType(b), optionalItem),
  ],
  [operators.optIndex]: [
    global('list_optindex_optional_int', [listOfA, int], optionalType(a), optionalItem),
    global('optional_list_optindex_optional_int', [optional(listType(a)), int], optionalType(a), optionalItem),
    global('map_optindex_optional_value', [mapOfAB, anyA], optionalType(b), optionalItem),
    global('optional_map_optindex_optional_value', [optional(mapType(a, b)), anyA], optionalType(b), optionalItem),
  ],
  [operators.in]: [
    global('in_list', [anyA, listOfA], boolType, (value, items) => items.some((item) => equals(item, value))),
    global('in_map', [anyA, mapOfAB], boolType, (key, value) => lookUp(value, key) !== undefined),
  ],
  dyn: [global('to_dyn', [dyn], { kind: 'dyn' }, (value) => value)],
};
