type Fields = Readonly<Record<string, unknown>>;

/** An object, a list or a table, without the managed fields of what is in it. What was given is not changed. */
export function withoutManagedFields(object: object): object {
  const trimmed = trimMetadata(object as Fields);
  const { items, rows } = trimmed;
  if (Array.isArray(items)) return { ...trimmed, items: items.map((item) => trimMetadata(item as Fields)) };
  if (!Array.isArray(rows)) return trimmed;
  return {
    ...trimmed,
    rows: (rows as readonly Fields[]).map((row) =>
      isFields(row['object']) ? { ...row, object: trimMetadata(row['object']) } : row,
    ),
  };
}

function trimMetadata(object: Fields): Fields {
  const { metadata } = object;
  if (!isFields(metadata) || metadata['managedFields'] === undefined) return object;
  const { managedFields: _managedFields, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
