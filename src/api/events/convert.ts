import type { KubernetesObject } from '../contract.ts';

/** The fields of an Event whose names differ: `[v1, events.k8s.io/v1]`. All others are the same in both. */
const renamed: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const toEvents: ReadonlyMap<string, string> = new Map(renamed);
const toCore: ReadonlyMap<string, string> = new Map(renamed.map(([core, events]) => [events, core]));

function rename(object: object, names: ReadonlyMap<string, string>, apiVersion: string): KubernetesObject {
  const result: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(object)) result[names.get(field) ?? field] = value;
  if (Object.hasOwn(result, 'apiVersion')) result['apiVersion'] = apiVersion;
  return result;
}

/** An `events.k8s.io/v1` Event as the core `v1` Event that is stored. The parts are shared, not copied. */
export function eventToCore(event: object): KubernetesObject {
  return rename(event, toCore, 'v1');
}

/** A core `v1` Event as an `events.k8s.io/v1` Event. The parts are shared, not copied. */
export function eventFromCore(event: object): KubernetesObject {
  return rename(event, toEvents, 'events.k8s.io/v1');
}
