/**
 * Printer columns that many resources share, and the ways upstream prints a value in a cell
 * (`k8s.io/kubernetes/pkg/printers/internalversion`). The server always makes the wide cells, and clients hide them.
 */
import { formatLabelSelector } from '../machinery/label-selector.ts';
import { humanDuration } from '../machinery/human-duration.ts';
import type { Cell, Column, KubernetesObject } from './contract.ts';
import type { PodSpec } from './types/core.v1.ts';
import type { LabelSelector } from './types/meta.v1.ts';

type CellOf<T> = Column<T>['cell'];

/** A column of `type: string`, which most are, whatever their cells hold. */
export function column<T>(name: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'string', cell };
}

export function integerColumn<T>(name: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'integer', cell };
}

/** A column that shows only with `-o wide`. */
export function wideColumn<T>(name: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'string', priority: 1, cell };
}

export const nameColumn: Column<KubernetesObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: (object) => object.metadata?.name ?? '',
};

/** How long ago the object was created: `5m`. */
export const ageColumn: Column<KubernetesObject> = column('Age', (object, { nowMs }) =>
  age(object.metadata?.creationTimestamp, nowMs),
);

/** The time since an RFC 3339 timestamp, as `kubectl get` shows it; `<unknown>` when there is none. */
export function age(timestamp: string | null | undefined, nowMs: number): string {
  const thenMs = timestamp === undefined || timestamp === null ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(thenMs) ? '<unknown>' : humanDuration(nowMs - thenMs);
}

/** `<none>` in place of nothing. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text;
}

/** `<unset>` in place of a field that is absent. */
export function orUnset(value: Cell | undefined): Cell {
  return value ?? '<unset>';
}

/** `a=1,b=2`, sorted by key; `<none>` for no labels. */
export function labelsCell(labels: Readonly<Record<string, string>> | null | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return orNone(keys.map((key) => `${key}=${labels?.[key] ?? ''}`).join(','));
}

/** A label selector as text; `<none>` for an absent or empty one, `<error>` for one that does not parse. */
export function labelSelectorCell(selector: LabelSelector | null | undefined): string {
  return formatLabelSelector(selector ?? undefined);
}

/** `Containers` and `Images` (wide) of a workload, from the pod template that `podSpec` finds in it. */
export function podTemplateColumns<T>(podSpec: (object: T) => PodSpec | null | undefined): readonly Column<T>[] {
  return [
    wideColumn('Containers', (object) => containerNames(podSpec(object))),
    wideColumn('Images', (object) => containerImages(podSpec(object))),
  ];
}

export function containerNames(podSpec: PodSpec | null | undefined): string {
  return (podSpec?.containers ?? []).map((container) => container.name ?? '').join(',');
}

export function containerImages(podSpec: PodSpec | null | undefined): string {
  return (podSpec?.containers ?? []).map((container) => container.image ?? '').join(',');
}
