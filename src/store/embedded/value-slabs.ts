/**
 * Large enough that buffers are few, small enough that one value that lives on does not hold much else in memory. Only
 * what was there at opening is in slabs, so they never hold more than that.
 */
const slabBytes = 32 * 1024;
/** Values from here on get a buffer of their own. */
const largeBytes = slabBytes / 4;

/** Puts many small values into few buffers: a buffer of its own costs some 250 bytes a value. */
export class ValueSlabs {
  #slab = new ArrayBuffer(0);
  #used = 0;

  copy(value: Uint8Array): Uint8Array {
    if (value.length >= largeBytes) return value.slice();
    if (this.#used + value.length > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(slabBytes);
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#slab, this.#used, value.length);
    copy.set(value);
    this.#used += value.length;
    return copy;
  }
}
