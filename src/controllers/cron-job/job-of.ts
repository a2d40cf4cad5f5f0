import type { CronJob, Job, JobSpec } from '../../api/types/batch.v1.ts';
import { cronJobs } from '../../client/resources.ts';
import { formatTime } from '../../machinery/time.ts';
import { controllerReferenceTo } from '../owner.ts';
import { ZoneOffset } from './zone-offset.ts';

const scheduledTimestamp = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of the Job for a scheduled time: the minute is in it, so that no Job is made twice. */
export function jobName({ metadata }: CronJob, scheduledMs: number): string {
  return `${metadata.name ?? ''}-${Math.floor(scheduledMs / 60_000)}`;
}

export function jobOf(cronJob: CronJob, scheduledMs: number): Job {
  const { metadata, spec } = cronJob;
  const { metadata: { labels, annotations } = {}, spec: jobSpec } = spec.jobTemplate;
  return {
    metadata: {
      name: jobName(cronJob, scheduledMs),
      namespace: metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      annotations: { ...annotations, [scheduledTimestamp]: localTime(scheduledMs, spec.timeZone) },
      ownerReferences: [controllerReferenceTo(cronJobs, cronJob)],
    },
    spec: structuredClone(jobSpec) as JobSpec,
  };
}

/** `2026-01-01T09:00:00+01:00`: as the clocks of the zone show it. */
function localTime(ms: number, timeZone = ''): string {
  const offsetMs = new ZoneOffset(timeZone === '' ? 'UTC' : timeZone).at(ms);
  const minutes = Math.abs(offsetMs) / 60_000;
  const parts = [Math.floor(minutes / 60), Math.floor(minutes % 60)].map((part) => String(part).padStart(2, '0'));
  const zone = offsetMs === 0 ? 'Z' : `${offsetMs < 0 ? '-' : '+'}${parts.join(':')}`;
  return formatTime(ms + offsetMs).replace('Z', zone);
}
