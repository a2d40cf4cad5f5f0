import { createHash } from 'node:crypto';

/** 64 bits that tell a flow from others. Collisions can be sought, and cost only whoever finds them their own queues. */
export function flowHash(schemaName: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schemaName},${distinguisher}`).digest().readBigUInt64LE();
}

/**
 * Deals a hand of different queues (KEP-1040, "Assignment to a Queue"): each possible hand is as likely, over all hashes.
 * `handSize` is at most `deckSize`, and the choice needs at most 60 bits.
 */
export function dealHand(hash: bigint, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let dealt = 0; dealt < handSize; dealt++) {
    const left = BigInt(deckSize - dealt);
    let card = Number(rest % left);
    rest /= left;
    // The card's place among those that are left becomes its place among all.
    for (const lower of hand.toSorted((a, b) => a - b)) if (card >= lower) card++;
    hand.push(card);
  }
  return hand;
}
