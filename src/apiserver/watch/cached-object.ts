import type { KubernetesObject } from '../../api/contract.ts';

/** What selectors and routes ask of an object; the rest of it stays bytes. */
export interface IndexRecord {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Values of the definition's selectable fields; undefined when it has none. */
  readonly fields: Readonly<Record<string, string>> | undefined;
}

/** One object at one revision, as the API server keeps it. Immutable. */
export interface CachedObject extends IndexRecord {
  readonly key: string;
  readonly revision: number;
  /** Stored bytes (see `ObjectForm`). */
  readonly value: Uint8Array;
}

export function indexRecordOf(
  object: KubernetesObject,
  selectableFields: Readonly<Record<string, (object: KubernetesObject) => string>>,
): IndexRecord {
  const { namespace = '', name = '', labels } = object.metadata ?? {};
  let fields: Record<string, string> | undefined;
  for (const label in selectableFields) {
    (fields ??= {})[label] = selectableFields[label]?.(object) ?? '';
  }
  return { namespace, name, labels, fields };
}
