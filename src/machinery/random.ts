import { randomFillSync, randomUUID } from 'node:crypto';

/** The only source of randomness for every component, so that a run can be replayed from its seed. */
export interface Random {
  /** In [0, 1), with 53 random bits. */
  float(): number;
  /** A whole number in [0, below), each as likely; a RangeError unless 1 ≤ below ≤ 2^32. */
  int(below: number): number;
  bytes(length: number): Uint8Array;
  /** A version 4 UUID (RFC 9562) in lower case. */
  uuid(): string;
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(word: number): string {
  return (
    (hexOfByte[word >>> 24] ?? '') +
    (hexOfByte[(word >>> 16) & 0xff] ?? '') +
    (hexOfByte[(word >>> 8) & 0xff] ?? '') +
    (hexOfByte[word & 0xff] ?? '')
  );
}

/** What every Random is made of: a source of 32 random bits. */
class WordRandom implements Random {
  readonly #word: () => number;

  constructor(word: () => number) {
    this.#word = word;
  }

  float(): number {
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53;
  }

  int(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`a random number must lie below a whole number from 1 to 2^32, not ${below}`);
    }
    // Words at the upper end, past the last whole multiple of `below`, would favour small results.
    const limit = 2 ** 32 - (2 ** 32 % below);
    let word = this.#word() >>> 0;
    while (word >= limit) word = this.#word() >>> 0;
    return word % below;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let word = 0;
    for (let i = 0; i < length; i++) {
      word = i % 4 === 0 ? this.#word() : word >>> 8;
      bytes[i] = word & 0xff;
    }
    return bytes;
  }

  uuid(): string {
    const a = hex(this.#word());
    const b = hex((this.#word() & 0xffff0fff) | 0x4000);
    const c = hex((this.#word() & 0x3fffffff) | 0x80000000);
    const d = hex(this.#word());
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  }
}

/** One call for so many bytes: it costs about as much as one for four. */
const poolWords = 2048;

function pooledWords(): () => number {
  const pool = new Uint32Array(poolWords);
  let next = poolWords;
  return () => {
    if (next === poolWords) {
      randomFillSync(pool);
      next = 0;
    }
    const word = pool[next] ?? 0;
    // What was handed out may be a secret: it does not stay in memory.
    pool[next++] = 0;
    return word;
  };
}

class SystemRandom extends WordRandom {
  // Node keeps a pool of its own for these and writes the text in C++: four times as fast as ours.
  override uuid(): string {
    return randomUUID();
  }
}

/** Randomness from the operating system, fit for secrets. */
export const systemRandom: Random = new SystemRandom(pooledWords());

/** FNV-1a over the UTF-16 code units: spreads a seed's text over 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The same sequence for the same seed, everywhere and always. Not fit for secrets. The generator is sfc32. */
export function seededRandom(seed: number | string): Random {
  const text = String(seed);
  let a = hashText(text);
  let b = hashText(`${text}/b`);
  let c = hashText(`${text}/c`);
  let counter = 1;
  const word = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result;
  };
  // The first words still resemble the seed.
  for (let i = 0; i < 15; i++) word();
  return new WordRandom(word);
}
