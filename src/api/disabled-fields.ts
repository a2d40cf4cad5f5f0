/**
 * Fields of features that are off by default in v1.36. As upstream, what a client sets of them is dropped, unless the
 * stored object uses the feature already.
 */
import type { FieldSchema, ObjectSchema, TypeSchema } from './schema/schema.ts';

/** As the schema table's markers call them. */
const disabledGates: ReadonlySet<string> = new Set([
  'ClusterTrustBundleProjection',
  'ContainerStopSignals',
  'CoordinatedLeaderElection',
  'DRAListTypeAttributes',
  'DRANodeAllocatableResources',
  'GenericWorkload',
  'ImageVolumeWithDigest',
  'MaxUnavailableStatefulSet',
  // Upstream's gate is PodCertificateRequest.
  'PodCertificateProjection',
  'VolumeLimitScaling',
]);
// CrossNamespaceVolumeDataSource is not among them: without it the whole reference goes, which is the claims' own rule.

/** Fields that have no marker, by struct. */
const unmarkedFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.api.core.v1.Lifecycle': { stopSignal: 'ContainerStopSignals' },
};

/** The gate that keeps a field away; undefined when none does. */
export function disabledGateOf({ name }: ObjectSchema, field: FieldSchema): string | undefined {
  return field.featureGates.find((gate) => disabledGates.has(gate)) ?? unmarkedFields[name]?.[field.name];
}

/** What of a struct is kept away, and where further down there is more of it. */
interface Gated {
  readonly fields: readonly { readonly name: string; readonly gate: string }[];
  readonly children: readonly { readonly name: string; readonly type: TypeSchema; readonly gated: Gated }[];
}

/** Of the kinds that have been written; undefined for one that has nothing of this sort, which most have not. */
const known = new WeakMap<ObjectSchema, Gated | undefined>();

function gatedOf(schema: ObjectSchema): Gated | undefined {
  if (!known.has(schema)) known.set(schema, find(schema, new Set()));
  return known.get(schema);
}

/** @param above The structs around this one: a struct within itself has no end. */
function find(schema: ObjectSchema, above: ReadonlySet<ObjectSchema>): Gated | undefined {
  if (above.has(schema)) return undefined;
  const within = new Set([...above, schema]);
  const fields: { name: string; gate: string }[] = [];
  const children: { name: string; type: TypeSchema; gated: Gated }[] = [];
  for (const field of schema.fields) {
    const gate = disabledGateOf(schema, field);
    if (gate !== undefined) {
      fields.push({ name: field.name, gate });
      continue;
    }
    const struct = structOf(field.type);
    const gated = struct === undefined ? undefined : find(struct, within);
    if (gated !== undefined) children.push({ name: field.name, type: field.type, gated });
  }
  return fields.length + children.length === 0 ? undefined : { fields, children };
}

function structOf(type: TypeSchema): ObjectSchema | undefined {
  if (type.kind === 'object') return type.schema;
  return type.kind === 'list' || type.kind === 'map' ? structOf(type.of) : undefined;
}

type Visit = (struct: Record<string, unknown>, field: string, gate: string) => void;

/** Calls `visit` for each such field that is set. */
function visitStruct(value: unknown, { fields, children }: Gated, visit: Visit): void {
  if (typeof value !== 'object' || value === null) return;
  const struct = value as Record<string, unknown>;
  for (const { name, gate } of fields) if (isSet(struct[name])) visit(struct, name, gate);
  for (const { name, type, gated } of children) visitValue(struct[name], type, gated, visit);
}

function visitValue(value: unknown, type: TypeSchema, gated: Gated, visit: Visit): void {
  if (typeof value !== 'object' || value === null) return;
  if (type.kind === 'list' || type.kind === 'map') {
    for (const item of Object.values(value)) visitValue(item, type.of, gated, visit);
  } else visitStruct(value, gated, visit);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/** Drops what is of features that are off, but for those that the stored object uses. Changes `object`. */
export function dropDisabledFields(schema: ObjectSchema, object: unknown, old: unknown): void {
  const gated = gatedOf(schema);
  if (gated === undefined) return;
  const dropped: [struct: Record<string, unknown>, field: string, gate: string][] = [];
  visitStruct(object, gated, (struct, field, gate) => dropped.push([struct, field, gate]));
  if (dropped.length === 0) return;
  const used = new Set<string>();
  visitStruct(old, gated, (_struct, _field, gate) => used.add(gate));
  for (const [struct, field, gate] of dropped) if (!used.has(gate)) delete struct[field];
}
