/**
 * Writes protobuf messages: the few forms that the OpenAPI documents need. Fields with their zero value are left out,
 * unless they are `present` (members of a oneof).
 */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  /** What was written. The writer must not be used further. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  string(field: number, value: string, present = false): void {
    if (value === '' && !present) return;
    const size = Buffer.byteLength(value);
    this.#key(field, 2);
    this.#varint(size);
    this.#reserve(size);
    this.#length += this.#buffer.write(value, this.#length);
  }

  bool(field: number, value: boolean, present = false): void {
    if (!value && !present) return;
    this.#key(field, 0);
    this.#varint(value ? 1 : 0);
  }

  double(field: number, value: number, present = false): void {
    if (value === 0 && !present) return;
    this.#key(field, 1);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** A message within, even when it is empty: its presence says something. */
  message(field: number, write: (writer: ProtobufWriter) => void): void {
    this.#key(field, 2);
    const start = this.#length;
    write(this);
    // Its length stands before it, and is known only now.
    const size = this.#length - start;
    const prefix = varintSize(size);
    this.#reserve(prefix);
    this.#buffer.copyWithin(start + prefix, start, this.#length);
    this.#length = start;
    this.#varint(size);
    this.#length += size;
  }

  #key(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  /** A whole number that is not negative. */
  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
