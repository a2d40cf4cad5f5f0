// The generator's input: what Go's sources say about each type of the API, one entry per Go package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field as the Go source declares it. `name` is the JSON name, empty for an inlined struct. */
export interface FieldFacts {
  readonly name: string;
  readonly goType: string;
  readonly inline?: boolean;
  readonly omitEmpty?: boolean;
  readonly omitZero?: boolean;
  readonly protobuf?: number;
  readonly optional?: boolean;
  readonly required?: boolean;
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly structType?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** A JSON text, or `ref(Constant)`. */
  readonly default?: string;
  readonly featureGate?: string;
  readonly validation?: readonly string[];
}

/** A struct (with `fields`) or a named type over another one (with `alias`). */
export interface TypeFacts {
  readonly fields?: readonly FieldFacts[];
  readonly markers?: readonly string[];
  readonly alias?: string;
  readonly values?: readonly string[];
  /** The declared values are the only ones allowed (`+enum`). */
  readonly enum?: boolean;
}

export type PackageFacts = Readonly<Record<string, TypeFacts>>;
export type Facts = Readonly<Record<string, PackageFacts>>;

const factsFile = join(import.meta.dirname, '../facts/api-facts-v1.36.json');

/** The facts file, with `supplement` laid over it: its types win, field by field within a type. */
export function loadFacts(supplement: Facts): Facts {
  const file = JSON.parse(readFileSync(factsFile, 'utf8')) as { packages: Facts };
  const packages: Record<string, PackageFacts> = { ...file.packages };
  for (const [path, types] of Object.entries(supplement)) {
    packages[path] = { ...packages[path], ...types };
  }
  return packages;
}
