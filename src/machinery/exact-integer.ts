/** `JSON.rawJSON`, which the language's type library does not declare yet: text that JSON.stringify prints as it is. */
const rawJSON = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/**
 * An integer that a JavaScript number cannot hold. It compares and computes as the nearest double, and prints in JSON
 * with all its digits. Only values outside the safe range are boxed like this: everything else is a plain number.
 */
export class ExactInteger extends Number {
  readonly #text: string;

  /** `text` is a JSON integer literal. */
  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** All digits. */
  get text(): string {
    return this.#text;
  }

  toJSON(): unknown {
    return rawJSON(this.#text);
  }

  toBigInt(): bigint {
    return BigInt(this.#text);
  }
}

/** An integer in the smallest form that loses nothing. */
export function integer(value: bigint): number | ExactInteger {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : new ExactInteger(value.toString());
}

/** The exact value of an integer field. Throws a RangeError for a number that is not an integer. */
export function toBigInt(value: number | ExactInteger): bigint {
  return value instanceof ExactInteger ? value.toBigInt() : BigInt(value);
}
