import type { Job } from '../types/batch.v1.ts';

const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'];
const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'];
const selectorLabel = 'batch.kubernetes.io/controller-uid';

/**
 * Gives a Job the labels and the selector by which it alone owns its pods, unless its creator selects by hand. Labels
 * that are there already stay: validation refuses the ones that contradict. Needs `metadata.uid` to be set.
 */
export function generateJobSelector(job: Job): void {
  if (job.spec === undefined || job.spec === null || job.spec.manualSelector === true) return;
  const name = job.metadata?.name ?? '';
  const uid = job.metadata?.uid ?? '';
  const template = (job.spec.template ??= { spec: { containers: [] } });
  const labels = ((template.metadata ??= {}).labels ??= {});
  for (const label of nameLabels) labels[label] ??= name;
  for (const label of uidLabels) labels[label] ??= uid;
  const matchLabels = ((job.spec.selector ??= {}).matchLabels ??= {});
  matchLabels[selectorLabel] ??= uid;
}

/** A Job without labels has those of its template. */
export function inheritTemplateLabels(job: Job): void {
  const labels = job.spec?.template?.metadata?.labels;
  if (labels === undefined || labels === null || Object.keys(job.metadata?.labels ?? {}).length > 0) return;
  // The same map, not a copy: labels that are generated for the template afterwards are the Job's too, as upstream.
  (job.metadata ??= {}).labels = labels;
}
