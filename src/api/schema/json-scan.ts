/** What one pass over the bytes of a JSON text tells before it is parsed. Means nothing for text that is not JSON. */
export interface JsonScan {
  /** Names in objects, duplicates included. */
  readonly keys: number;
  readonly depth: number;
  /** Some number has 16 digits or more: a double may not hold it. */
  readonly longNumbers: boolean;
  /** Some string may have half a surrogate pair as an escape. */
  readonly surrogates: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
/** Integers of 15 digits are always safe. */
const safeDigits = 15;

export function scanJson(bytes: Uint8Array): JsonScan {
  const { length } = bytes;
  let keys = 0;
  let depth = 0;
  let maxDepth = 0;
  let longNumbers = false;
  let surrogates = false;
  for (let i = 0; i < length; i++) {
    switch (bytes[i]) {
      case quote: {
        let byte: number | undefined;
        while (++i < length && (byte = bytes[i]) !== quote) {
          if (byte !== backslash) continue;
          i++;
          if (bytes[i] === 0x75 && ((bytes[i + 1] ?? 0) | 0x20) === 0x64) surrogates = true;
        }
        byte = bytes[i + 1];
        while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++i + 1];
        if (byte === 0x3a) keys++;
        break;
      }
      case 0x7b:
      case 0x5b:
        if (++depth > maxDepth) maxDepth = depth;
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
      case 0x30:
      case 0x31:
      case 0x32:
      case 0x33:
      case 0x34:
      case 0x35:
      case 0x36:
      case 0x37:
      case 0x38:
      case 0x39: {
        const start = i;
        let byte = bytes[i + 1] ?? 0;
        while (byte >= 0x30 && byte <= 0x39) byte = bytes[++i + 1] ?? 0;
        if (i - start >= safeDigits) longNumbers = true;
        break;
      }
      default:
    }
  }
  return { keys, depth: maxDepth, longNumbers, surrogates };
}

/** Names in a parsed value: fewer than the text has when some came twice. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) if (typeof item === 'object') count += countKeys(item);
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    count++;
    const child = object[key];
    if (typeof child === 'object') count += countKeys(child);
  }
  return count;
}
