/**
 * What `autoscaling/v1` has no fields for is kept in annotations of the v1 form, as JSON, and goes back to fields when the
 * object is stored. A client can read and write them as any annotation, so what they hold is checked like a body.
 */
import { decode, DecodeError } from '../schema/decode.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { knownSchema } from '../known-schema.ts';
import type * as v1 from '../types/autoscaling.v1.ts';
import type * as v2 from '../types/autoscaling.v2.ts';

export const roundTripAnnotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
} as const;

type Annotations = Readonly<Record<string, string>>;

/** The annotations that are the user's own; undefined when none are left. */
export function withoutRoundTrip(annotations: Annotations | undefined): Record<string, string> | undefined {
  if (annotations === undefined) return undefined;
  const ours = new Set<string>(Object.values(roundTripAnnotations));
  const own = Object.entries(annotations).filter(([key]) => !ours.has(key));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/** As upstream, an annotation that cannot be read counts as absent. */
function readable<T>(text: string | undefined, read: (value: unknown) => T | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return read(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Decoding only checks the items: what it would add for fields that are absent would be taken for values. */
function listOf<T>(text: string | undefined, schema: ObjectSchema): T[] | undefined {
  return readable(text, (value) => {
    if (!Array.isArray(value)) return undefined;
    for (const item of value as unknown[]) decode(schema, item);
    return value as T[];
  });
}

export function readMetrics(annotations: Annotations): v1.MetricSpec[] | undefined {
  return listOf(annotations[roundTripAnnotations.metrics], knownSchema('io.k8s.api.autoscaling.v1.MetricSpec'));
}

export function readCurrentMetrics(annotations: Annotations): v1.MetricStatus[] | undefined {
  return listOf(
    annotations[roundTripAnnotations.currentMetrics],
    knownSchema('io.k8s.api.autoscaling.v1.MetricStatus'),
  );
}

export function readConditions(annotations: Annotations): v1.HorizontalPodAutoscalerCondition[] | undefined {
  return listOf(
    annotations[roundTripAnnotations.conditions],
    knownSchema('io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerCondition'),
  );
}

/** Every key with its first letter changed, at any depth. */
function recase(value: unknown, letter: (first: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => recase(item, letter));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [letter(key.charAt(0)) + key.slice(1), recase(item, letter)]),
  );
}

/** The behaviour is written with Go's field names, because upstream writes its internal type. */
export function readBehavior(annotations: Annotations): v2.HorizontalPodAutoscalerBehavior | undefined {
  const schema = knownSchema('io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior');
  const behavior = readable(annotations[roundTripAnnotations.behavior], (value) =>
    decode(
      schema,
      recase(value, (first) => first.toLowerCase()),
    ),
  );
  return behavior === undefined || Object.keys(behavior).length === 0 ? undefined : behavior;
}

function goRules(rules: v2.HPAScalingRules | undefined): unknown {
  if (!rules) return null;
  const { stabilizationWindowSeconds = null, selectPolicy = null, policies = null, tolerance = null } = rules;
  return { stabilizationWindowSeconds, selectPolicy, policies, tolerance };
}

export function writeBehavior({ scaleUp, scaleDown }: v2.HorizontalPodAutoscalerBehavior): string {
  const behavior = { scaleUp: goRules(scaleUp), scaleDown: goRules(scaleDown) };
  return JSON.stringify(recase(behavior, (first) => first.toUpperCase()));
}
