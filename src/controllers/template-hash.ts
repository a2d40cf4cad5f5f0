import type { PodTemplateSpec } from '../api/types/core.v1.ts';
import { semanticDeepEqual } from '../machinery/deep-equal.ts';

export const podTemplateHashLabel = 'pod-template-hash';
/** Upstream's letters for hashes: no vowels and nothing that looks like another, so that no name makes a word. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a with 32 bits over UTF-8. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** JSON with keys in order: the same text for the same object, whatever the order in which it was written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** A short text for an object, which differs (almost) certainly from those of others. */
export function hashOf(value: unknown, collisionCount?: number): string {
  const hash = fnv32a(canonicalJson(value) + (collisionCount === undefined ? '' : `/${collisionCount}`));
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

/**
 * The value of the label `pod-template-hash` for a template. It need not be the one that upstream's controller finds:
 * what is there is found by its template, never by its hash.
 * @param collisionCount How often another template had the same hash.
 */
export function templateHash(template: PodTemplateSpec, collisionCount?: number): string {
  return hashOf(template, collisionCount);
}

/** Whether two templates are the same but for the label that a controller adds. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return semanticDeepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const labels = template.metadata?.labels;
  if (labels?.[podTemplateHashLabel] === undefined) return template;
  const { [podTemplateHashLabel]: _, ...others } = labels;
  return { ...template, metadata: { ...template.metadata, labels: others } };
}
