import type { Column, KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import { root } from '../../machinery/field-error.ts';
import { badRequest } from '../../machinery/status.ts';

export interface TableOptions {
  /** `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly apiVersion: string;
  readonly nowMs: number;
  /** What each row carries of its object. */
  readonly includeObject: IncludeObject;
  /** Without column definitions: a watch tells them with its first event. */
  readonly noHeaders?: boolean;
}

const includePolicies = ['Metadata', 'Object', 'None'] as const;
export type IncludeObject = (typeof includePolicies)[number];

/** `includeObject` of a request for a table. Throws 400. */
export function parseIncludeObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') || 'Metadata';
  const known = includePolicies.find((policy) => policy === text);
  if (known !== undefined) return known;
  const error = root('includeObject').invalid(text, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${error}`);
}

export interface ListMetadata {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** What kinds without columns of their own show. */
const plainColumns: readonly Column<KubernetesObject>[] = [
  { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata?.name ?? '' },
  { name: 'Created At', type: 'date', cell: (object) => object.metadata?.creationTimestamp ?? '' },
];

/** An object's metadata alone (KEP-2334). */
export function partialMetadata(
  object: KubernetesObject,
  apiVersion: string,
): TypeMeta & Readonly<Record<string, unknown>> {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}

function rowObject(object: KubernetesObject, { includeObject, apiVersion }: TableOptions): unknown {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Metadata':
      return partialMetadata(object, apiVersion);
    case 'Object':
      return object;
  }
}

function columnDefinition(column: Column<KubernetesObject>): object {
  const { name, type, format, description, priority } = column;
  return { name, type, format: format ?? '', description: description ?? '', priority: priority ?? 0 };
}

function conditionsOf({ rowConditions }: ResourceDefinition, object: KubernetesObject): object {
  const conditions = rowConditions?.(object) ?? [];
  return conditions.length === 0 ? {} : { conditions };
}

/** Rows for people: one per object, with the definition's columns (KEP-555). */
export function tableOf(
  definition: ResourceDefinition,
  objects: readonly KubernetesObject[],
  metadata: ListMetadata,
  options: TableOptions,
): TypeMeta & Readonly<Record<string, unknown>> {
  const columns = definition.columns ?? plainColumns;
  const { nowMs, noHeaders = false } = options;
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata,
    columnDefinitions: noHeaders ? null : columns.map(columnDefinition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, { nowMs })),
      ...conditionsOf(definition, object),
      object: rowObject(object, options),
    })),
  };
}
