/**
 * Large enough that buffers are few, small enough that one object that stays does not hold many in memory that are gone.
 */
const slabBytes = 16 * 1024;
/** Values from here on get a buffer of their own. */
const largeBytes = slabBytes / 4;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * Text as UTF-8, for keeping. `Buffer.from` would put it into a pool together with the bodies, answers and notes of the
 * requests around it, and as long as the object stays, so would they.
 */
export function keptBytes(text: string): Buffer {
  const length = Buffer.byteLength(text, 'utf8');
  if (length >= largeBytes) {
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes.write(text, 0, 'utf8');
    return bytes;
  }
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const start = used;
  used += slab.write(text, start, length, 'utf8');
  return slab.subarray(start, used);
}
