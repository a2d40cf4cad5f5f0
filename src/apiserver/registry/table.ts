import type { Column, KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import { badRequest } from '../../machinery/status.ts';

export interface TableOptions {
  /** `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly apiVersion: string;
  readonly nowMs: number;
  /** `None`, `Metadata` or `Object`: what each row carries of its object. */
  readonly includeObject: string;
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
      return undefined;
    case 'Metadata':
    case '':
      return partialMetadata(object, apiVersion);
    case 'Object':
      return object;
    default:
      throw badRequest(
        `unrecognized includeObject value: ${JSON.stringify(includeObject)}: use None, Metadata or Object`,
      );
  }
}

/** Rows for people: one per object, with the definition's columns (KEP-555). */
export function tableOf(
  definition: ResourceDefinition,
  objects: readonly KubernetesObject[],
  metadata: ListMetadata,
  options: TableOptions,
): TypeMeta & Readonly<Record<string, unknown>> {
  const columns = definition.columns ?? plainColumns;
  const { nowMs } = options;
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata,
    columnDefinitions: columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, { nowMs })),
      object: rowObject(object, options),
    })),
  };
}
