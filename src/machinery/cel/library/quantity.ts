/** Quantities in expressions. */
import { Quantity, QuantityError } from '../../quantity.ts';
import type { Library } from '../declarations.ts';
import { global, int, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, doubleType, intType, objectType } from '../types.ts';
import { CelObject, doubleOf, maxInt64, minInt64, narrow } from '../values.ts';

export const quantityType = objectType('kubernetes.Quantity');

export class CelQuantity extends CelObject {
  readonly celType = quantityType;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  override equals(other: CelObject): boolean {
    return other instanceof CelQuantity && this.quantity.equals(other.quantity);
  }

  override toJSON(): string {
    return this.quantity.toString();
  }
}

const quantity = object(quantityType, CelQuantity);

function read(text: string): Quantity | QuantityError {
  try {
    return Quantity.parse(text);
  } catch (error) {
    if (error instanceof QuantityError) return error;
    throw error;
  }
}

function parse(text: string): CelQuantity {
  const value = read(text);
  return value instanceof Quantity ? new CelQuantity(value) : fail(value.message);
}

/** Undefined when it is not whole or does not fit 64 bits. */
function integerOf({ quantity }: CelQuantity): number | bigint | undefined {
  const whole = quantity.ceil();
  if (whole > maxInt64 || whole < minInt64 || !Quantity.of(whole).equals(quantity)) return undefined;
  return narrow(whole);
}

function plus(value: CelQuantity, other: Quantity): CelQuantity {
  return new CelQuantity(value.quantity.add(other));
}

function ofInt(value: number | bigint): Quantity {
  return Quantity.of(value, 0, 'DecimalExponent');
}

export const quantityLibrary: Library = {
  quantity: [global('string_to_quantity', [string], quantityType, parse)],
  isQuantity: [global('is_quantity_string', [string], boolType, (text) => read(text) instanceof Quantity)],
  // Upstream declares this one as a function, not as a method.
  sign: [global('quantity_sign', [quantity], intType, (value) => value.quantity.sign)],
  isGreaterThan: [
    member('quantity_is_greater_than', [quantity, quantity], boolType, (a, b) => a.quantity.compare(b.quantity) > 0),
  ],
  isLessThan: [
    member('quantity_is_less_than', [quantity, quantity], boolType, (a, b) => a.quantity.compare(b.quantity) < 0),
  ],
  compareTo: [member('quantity_compare_to', [quantity, quantity], intType, (a, b) => a.quantity.compare(b.quantity))],
  asApproximateFloat: [
    member('quantity_get_float', [quantity], doubleType, (value) => doubleOf(value.quantity.toNumber())),
  ],
  asInteger: [
    member(
      'quantity_get_int',
      [quantity],
      intType,
      (value) => integerOf(value) ?? fail('cannot convert value to integer'),
    ),
  ],
  isInteger: [member('quantity_is_integer', [quantity], boolType, (value) => integerOf(value) !== undefined)],
  add: [
    member('quantity_add', [quantity, quantity], quantityType, (a, b) => plus(a, b.quantity)),
    member('quantity_add_int', [quantity, int], quantityType, (a, b) => plus(a, ofInt(b))),
  ],
  sub: [
    member('quantity_sub', [quantity, quantity], quantityType, (a, b) => plus(a, b.quantity.negate())),
    member('quantity_sub_int', [quantity, int], quantityType, (a, b) => plus(a, ofInt(b).negate())),
  ],
};
