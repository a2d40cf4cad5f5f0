/** Printer columns of Events (upstream's `printEvent`). */
import { age, column, wideColumn } from '../columns.ts';
import type { Column } from '../contract.ts';
import type { Event } from '../types/core.v1.ts';

function firstSeen(event: Event, nowMs: number): string {
  return age(event.firstTimestamp ?? event.eventTime, nowMs);
}

function lastSeen(event: Event, nowMs: number): string {
  if (event.series) return age(event.series.lastObservedTime, nowMs);
  return event.lastTimestamp ? age(event.lastTimestamp, nowMs) : firstSeen(event, nowMs);
}

/** `pod/nginx` */
function objectCell({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase();
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
}

/** `kubelet, node-1` */
function sourceCell({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const instance = source?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}

export const eventColumns: readonly Column<Event>[] = [
  column('Last Seen', (event, { nowMs }) => lastSeen(event, nowMs)),
  column('Type', (event) => event.type ?? ''),
  column('Reason', (event) => event.reason ?? ''),
  column('Object', objectCell),
  wideColumn('Subobject', (event) => event.involvedObject?.fieldPath ?? ''),
  wideColumn('Source', sourceCell),
  column('Message', (event) => (event.message ?? '').trim()),
  wideColumn('First Seen', (event, { nowMs }) => firstSeen(event, nowMs)),
  // An event of the newer API has no count until it is repeated.
  wideColumn('Count', (event) => (event.series ? (event.series.count ?? 0) : event.count || 1)),
  { name: 'Name', type: 'string', format: 'name', priority: 1, cell: (event) => event.metadata?.name ?? '' },
];
