import type { Path } from '../../machinery/field-error.ts';
import { Quantity } from '../../machinery/quantity.ts';
import { quote } from '../../machinery/quote.ts';

/** How canonical quantities end that are no whole numbers: nearly none has to be parsed. */
const mayBeFractional = /[num]$|e-/;

/** Bytes come whole: `100m` of memory is a tenth of a byte, and was meant otherwise. */
export function fractionalByteWarnings(
  list: Readonly<Record<string, string>> | null | undefined,
  names: readonly string[],
  path: Path,
): string[] {
  if (!list) return [];
  const warnings: string[] = [];
  for (const name of names) {
    const text = Object.hasOwn(list, name) ? list[name] : undefined;
    if (text === undefined || !mayBeFractional.test(text)) continue;
    const quantity = Quantity.parse(text);
    if (quantity.ceil(-3) % 1000n === 0n) continue;
    warnings.push(
      `${path.key(name)}: fractional byte value ${quote(quantity.toString())} is invalid, must be an integer`,
    );
  }
  return warnings;
}
