/** Reads protobuf messages without knowing their types, for tests. */
export class Message {
  readonly #fields = new Map<number, (Buffer | number)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): number => {
      let value = 0;
      for (let scale = 1; ; scale *= 0x80) {
        const byte = bytes[at++];
        if (byte === undefined) throw new RangeError('the message ends within a number');
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    };
    while (at < bytes.length) {
      const key = varint();
      const wireType = key % 8;
      if (wireType === 0) this.#add((key - wireType) / 8, varint());
      else {
        const size = wireType === 2 ? varint() : 8;
        if (at + size > bytes.length) throw new RangeError('the message ends within a field');
        this.#add((key - wireType) / 8, bytes.subarray(at, at + size));
        at += size;
      }
    }
  }

  #add(field: number, value: Buffer | number): void {
    const known = this.#fields.get(field);
    if (known === undefined) this.#fields.set(field, [value]);
    else known.push(value);
  }

  #bytes(field: number): Buffer[] {
    return (this.#fields.get(field) ?? []).filter((value) => typeof value !== 'number');
  }

  text(field: number): string {
    return this.#bytes(field).at(-1)?.toString() ?? '';
  }

  number(field: number): number {
    return this.#fields.get(field)?.find((value) => typeof value === 'number') ?? 0;
  }

  messages(field: number): Message[] {
    return this.#bytes(field).map((bytes) => new Message(bytes));
  }

  message(field: number): Message {
    return this.messages(field)[0] ?? new Message(Buffer.alloc(0));
  }
}

export function decodeMessage(bytes: Buffer): Message {
  return new Message(bytes);
}
