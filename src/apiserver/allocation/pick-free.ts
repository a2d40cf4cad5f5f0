import type { Random } from '../../machinery/random.ts';

/** Numbers from 0 to `size` - 1, of which the first `staticSize` are given out last (KEP-3070). */
export interface Bands {
  readonly size: bigint;
  readonly staticSize: bigint;
}

/**
 * A free number, by chance from the upper band and only when that is full from the lower one, so that numbers which
 * users choose from the lower band are seldom taken. Undefined when none is free.
 */
export function pickFree(
  { size, staticSize }: Bands,
  isFree: (index: bigint) => boolean,
  random: Random,
): bigint | undefined {
  return pickWithin(staticSize, size, isFree, random) ?? pickWithin(0n, staticSize, isFree, random);
}

/** Looks from a random place onwards and around. */
function pickWithin(from: bigint, to: bigint, isFree: (index: bigint) => boolean, random: Random): bigint | undefined {
  if (to <= from) return undefined;
  const start = from + randomBelow(to - from, random);
  for (let index = start; index < to; index++) if (isFree(index)) return index;
  for (let index = from; index < start; index++) if (isFree(index)) return index;
  return undefined;
}

/** Each number below `limit` about as likely; 64 bits are enough for any network of services. */
function randomBelow(limit: bigint, random: Random): bigint {
  let value = 0n;
  for (const byte of random.bytes(8)) value = (value << 8n) | BigInt(byte);
  return value % limit;
}
