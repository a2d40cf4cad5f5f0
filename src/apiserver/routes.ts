import type { Exchange } from './contract.ts';

export type RouteHandler = (exchange: Exchange) => void | Promise<void>;

/** The paths that are not resources: exact ones, and prefixes that end in a slash. */
export class Routes {
  readonly #exact = new Map<string, RouteHandler>();
  /** Longest first, so that the most particular one serves. */
  #prefixes: (readonly [prefix: string, handler: RouteHandler])[] = [];

  add(path: string, handler: RouteHandler): void {
    if (path.endsWith('/') && path !== '/') {
      this.#prefixes.push([path, handler]);
      this.#prefixes.sort(([a], [b]) => b.length - a.length);
    } else this.#exact.set(path, handler);
  }

  find(path: string): RouteHandler | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    return this.#prefixes.find(([prefix]) => path.startsWith(prefix))?.[1];
  }

  /** What `/` lists. */
  paths(): string[] {
    return [...this.#exact.keys(), ...this.#prefixes.map(([prefix]) => prefix.slice(0, -1))]
      .filter((path) => path !== '/')
      .sort();
  }
}
