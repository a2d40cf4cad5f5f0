import type { Random } from './random.ts';

/** No vowels, so that no word comes about, and no digit that looks like a letter. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A random lower-case suffix, as upstream's `rand.String`. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += alphabet[random.int(alphabet.length)] ?? '';
  return suffix;
}

/** A generated name is a DNS label at most, whatever the resource allows. */
const maxNameLength = 63;
const suffixLength = 5;

/** The name for an object with `metadata.generateName`: the base, cut to fit, and five random characters. */
export function generatedName(base: string, random: Random): string {
  return base.slice(0, maxNameLength - suffixLength) + randomSuffix(random, suffixLength);
}
