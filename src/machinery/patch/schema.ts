/** What a strategic merge patch must know of a type. The API's schema table is adapted to it. */
export interface PatchSchema {
  /** The type's name, for errors. */
  readonly name?: string;
  /** Undefined for a field that the type has not. For a map: its values, whatever the key. */
  field(name: string): PatchField | undefined;
}

export interface PatchField {
  /** Of `merge`, `replace`, `retainKeys`; empty where the type declares none. */
  readonly strategies: readonly string[];
  /** The field that tells the items of a merged list apart. */
  readonly mergeKey?: string;
  readonly kind: 'map' | 'list' | 'scalar';
  /** Of the struct, or of the list's or map's items. Absent where they are scalars or free-form JSON. */
  readonly schema?: PatchSchema;
}

/** How the field's maps and lists meet: `retainKeys` may stand beside it and needs no schema to act. */
export function mergeStrategy(field: PatchField | undefined): string {
  if (field === undefined) return '';
  for (const strategy of field.strategies) if (strategy !== 'retainKeys') return strategy;
  return '';
}
