import { DecodeError, valueKind } from './decode-error.ts';

/**
 * How deep an object may nest. Upstream's decoder stops at 10,000, far beyond any real object; JSON.stringify and the
 * walks over objects recurse, so the bound here is one that they reach safely.
 */
export const maxDepth = 1_000;

/** Unknown fields reported of one object, as upstream's decoder bounds them. */
const maxReports = 100;

/** A map's key on the way to a value: in the path of an unknown field, not in that of an error. */
interface MapKey {
  readonly key: string;
}

/** Where the decoder stands, for its errors and reports. */
export class Walk {
  /** Fields by name, list items by index, map values by key. */
  readonly path: Array<string | number | MapKey> = [];
  /** Go's name of the struct whose field is being decoded. */
  struct = '';
  depth = 0;
  #report: ((path: string) => void) | undefined;
  #reports = 0;

  constructor(report: ((path: string) => void) | undefined) {
    this.#report = report;
  }

  unknown(field: string): void {
    if (this.#report === undefined || this.#reports >= maxReports) return;
    this.#reports++;
    let path = '';
    for (const step of this.path) {
      if (typeof step === 'number') path += `[${step}]`;
      else {
        const name = typeof step === 'string' ? step : step.key;
        path = path === '' ? name : `${path}.${name}`;
      }
    }
    this.#report(path === '' ? field : `${path}.${field}`);
  }

  /** Runs `decode` without reports: Go's own unmarshallers are not strict. */
  quietly<T>(decode: () => T): T {
    const report = this.#report;
    this.#report = undefined;
    try {
      return decode();
    } finally {
      this.#report = report;
    }
  }

  /** Fails as Go does on a value of the wrong type; `text` is added for numbers out of range. */
  fail(value: unknown, goType: string, field?: string, text = ''): never {
    const fields = this.path.filter((step) => typeof step === 'string');
    if (field !== undefined) fields.push(field);
    const target = fields.length === 0 ? 'value' : `struct field ${this.struct}.${fields.join('.')}`;
    throw new DecodeError(`json: cannot unmarshal ${valueKind(value)}${text} into Go ${target} of type ${goType}`);
  }

  enter(): void {
    if (++this.depth > maxDepth) throw new DecodeError('exceeded max depth');
  }
}
