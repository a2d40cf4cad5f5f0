import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { DaemonSet } from '../types/apps.v1.ts';

/**
 * Counts the versions of a DaemonSet's pod template. It was a field before `apps/v1` and lives on as an annotation,
 * which clients of that time still read.
 */
export const templateGenerationAnnotation = 'deprecated.daemonset.template.generation';

function templateGeneration(daemonSet: DaemonSet): number {
  const text = daemonSet.metadata?.annotations?.[templateGenerationAnnotation];
  const parsed = typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(parsed) ? parsed : 0;
}

function setTemplateGeneration(daemonSet: DaemonSet, generation: number): void {
  daemonSet.metadata ??= {};
  daemonSet.metadata.annotations = {
    ...daemonSet.metadata.annotations,
    [templateGenerationAnnotation]: String(generation),
  };
}

/** A new DaemonSet starts at 1, or at what its creator says. */
export function startTemplateGeneration(daemonSet: DaemonSet): void {
  setTemplateGeneration(daemonSet, Math.max(1, templateGeneration(daemonSet)));
}

/** No client may set it on update: it grows by one with every change of the template. */
export function keepTemplateGeneration(daemonSet: DaemonSet, old: DaemonSet): void {
  const changed = !semanticDeepEqual(daemonSet.spec?.template, old.spec?.template);
  setTemplateGeneration(daemonSet, templateGeneration(old) + (changed ? 1 : 0));
}
