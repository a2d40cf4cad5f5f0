import { isList, isObject, type JsonObject, maxDepth, member, setMember } from './json.ts';
import { unprocessablePatch } from './patch-error.ts';
import { parsePointer } from './pointer.ts';

type Container = Record<string, unknown> | unknown[];

/**
 * A document under JSON Patch: operations change it in place, the original stays as it was. Each object or list is
 * copied at most once, when something directly in it first changes, so that thousands of operations on one large list
 * do not copy it thousands of times.
 */
export class PatchDocument {
  #root: unknown;
  /** Objects and lists made here, which nobody else sees. */
  readonly #owned = new Set<unknown>();
  #copyBudgetBytes: number;
  readonly #copyLimitBytes: number;

  constructor(original: unknown, copyLimitBytes: number) {
    this.#root = original;
    this.#copyBudgetBytes = copyLimitBytes;
    this.#copyLimitBytes = copyLimitBytes;
  }

  get root(): unknown {
    return this.#root;
  }

  /** The value there; undefined when the last token names a member that its object has not. */
  find(pointer: string): unknown {
    const tokens = tokensOf(pointer);
    const last = tokens.pop();
    if (last === undefined) return this.#root;
    let current = this.#root;
    for (const token of tokens) current = step(current, token, pointer);
    if (isList(current)) return current[existingIndex(current, last, pointer)];
    if (isObject(current)) return member(current, last);
    throw missingPath(pointer);
  }

  /** RFC 6902 section 4.1. As in upstream's library the whole document cannot be the target. */
  add(pointer: string, value: unknown): void {
    const { container, token } = this.#open(pointer);
    if (isList(container)) {
      (container as unknown[]).splice(
        token === '-' ? container.length : insertionIndex(container, token, pointer),
        0,
        value,
      );
    } else {
      setMember(container, token, value);
    }
  }

  /** Takes the value out and returns it. */
  remove(pointer: string): unknown {
    const { container, token } = this.#open(pointer);
    if (isList(container)) {
      return (container as unknown[]).splice(existingIndex(container, token, pointer), 1)[0];
    }
    if (!Object.hasOwn(container, token)) throw missingPath(pointer);
    const value = container[token];
    delete container[token];
    return value;
  }

  /** As upstream's library, and unlike RFC 6902, sets also a member that its object does not have. */
  replace(pointer: string, value: unknown): void {
    if (pointer === '') {
      if (typeof value !== 'object' || value === null) {
        throw unprocessablePatch('replace operation value must be object or array');
      }
      this.#root = value;
      return;
    }
    const { container, token } = this.#open(pointer);
    if (isList(container)) {
      (container as unknown[])[existingIndex(container, token, pointer)] = value;
    } else {
      setMember(container, token, value);
    }
  }

  /** A deep copy of the value there, charged to the budget of all copies. Null for a member that is not there. */
  copyOf(pointer: string): unknown {
    if (pointer === '') throw missingPath(pointer);
    return this.#clone(this.find(pointer) ?? null, 1);
  }

  #clone(value: unknown, depth: number): unknown {
    if (depth > maxDepth) throw unprocessablePatch('exceeded max depth');
    if (isList(value)) {
      this.#charge(2 + value.length);
      const list = value.map((item) => this.#clone(item, depth + 1));
      this.#owned.add(list);
      return list;
    }
    if (isObject(value)) {
      this.#charge(2);
      const object: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        this.#charge(key.length + 4);
        setMember(object, key, this.#clone(value[key], depth + 1));
      }
      this.#owned.add(object);
      return object;
    }
    this.#charge(typeof value === 'string' ? value.length + 2 : 4);
    return value;
  }

  #charge(bytes: number): void {
    this.#copyBudgetBytes -= bytes;
    if (this.#copyBudgetBytes >= 0) return;
    throw unprocessablePatch(
      `Unable to complete the copy, the accumulated size increase of copy is more than the limit ${this.#copyLimitBytes}`,
    );
  }

  /** The container that holds the pointer's last token, and everything above it, made ours to change. */
  #open(pointer: string): { readonly container: Container; readonly token: string } {
    const tokens = tokensOf(pointer);
    const token = tokens.pop();
    if (token === undefined) throw missingPath(pointer);
    let container = this.#own(this.#root, pointer);
    this.#root = container;
    for (const next of tokens) {
      const child = this.#own(step(container, next, pointer), pointer);
      if (Array.isArray(container)) container[existingIndex(container, next, pointer)] = child;
      else setMember(container, next, child);
      container = child;
    }
    return { container, token };
  }

  #own(value: unknown, pointer: string): Container {
    if (typeof value !== 'object' || value === null) throw missingPath(pointer);
    if (this.#owned.has(value)) return value as Container;
    const copy: Container = isList(value) ? [...value] : { ...(value as JsonObject) };
    this.#owned.add(copy);
    return copy;
  }
}

function missingPath(pointer: string): Error {
  return unprocessablePatch(`operation does not apply: doc is missing path: "${pointer}": missing value`);
}

function tokensOf(pointer: string): string[] {
  const tokens = parsePointer(pointer);
  if (tokens === undefined || tokens.length > maxDepth) throw missingPath(pointer);
  return tokens;
}

/** Goes down one token. */
function step(current: unknown, token: string, pointer: string): unknown {
  if (isList(current)) return current[existingIndex(current, token, pointer)];
  if (isObject(current)) return member(current, token);
  throw missingPath(pointer);
}

/** Upstream's library reads indices as Go's `strconv.Atoi` does, and counts negative ones from the end. */
function readIndex(token: string, pointer: string): number {
  if (/^[+-]?\d{1,15}$/.test(token)) return Number(token);
  throw unprocessablePatch(`error for path: '${pointer}': value was not a proper array index: '${token}'`);
}

function existingIndex(list: readonly unknown[], token: string, pointer: string): number {
  return withinBounds(readIndex(token, pointer), list.length, token);
}

function insertionIndex(list: readonly unknown[], token: string, pointer: string): number {
  return withinBounds(readIndex(token, pointer), list.length + 1, token);
}

function withinBounds(index: number, length: number, token: string): number {
  const position = index < 0 ? index + length : index;
  if (position >= 0 && position < length) return position;
  throw unprocessablePatch(`Unable to access invalid index: ${token}: invalid index referenced`);
}
