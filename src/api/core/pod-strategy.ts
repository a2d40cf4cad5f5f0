/** What a client may not set on a Pod, and what the server adds as it is created (upstream's `podStrategy`). */
import { formatTime } from '../../machinery/time.ts';
import type { StrategyContext } from '../contract.ts';
import type {
  AppArmorProfile,
  Pod,
  PodAffinityTerm,
  PodCondition,
  PodStatus,
  TopologySpreadConstraint,
} from '../types/core.v1.ts';
import type { LabelSelector } from '../types/meta.v1.ts';
import { qosClass } from './pod-qos.ts';

export function preparePodForCreate(pod: Pod, context: StrategyContext): void {
  const status: PodStatus = { phase: 'Pending', qosClass: qosClass(pod.spec) };
  pod.status = status;
  if (pod.spec?.schedulingGates && pod.spec.schedulingGates.length > 0) {
    setPodCondition(
      status,
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
      context.nowMs,
    );
  }
  if (pod.spec?.affinity || pod.spec?.topologySpreadConstraints) mergeLabelKeys(pod);
  if (pod.metadata?.annotations) syncAppArmorAnnotations(pod, pod.metadata.annotations, context);
}

/** Adds a condition or replaces the one of its type; the time of transition changes when the condition's status does. */
export function setPodCondition(status: PodStatus, condition: PodCondition, nowMs: number): void {
  const conditions = (status.conditions ??= []);
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const old = conditions[index];
  const isSame = old !== undefined && old.status === condition.status;
  const lastTransitionTime = (isSame && old.lastTransitionTime) || formatTime(nowMs);
  const next: PodCondition = { lastProbeTime: null, ...condition, lastTransitionTime };
  if (old === undefined) conditions.push(next);
  else conditions[index] = next;
}

/** `matchLabelKeys` become requirements on the values that the Pod's own labels have (KEP-3633, KEP-3243). */
function mergeLabelKeys(pod: Pod): void {
  const labels = pod.metadata?.labels ?? {};
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  for (const affinity of [podAffinity, podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (podAffinityTerm) mergeTermKeys(podAffinityTerm, labels);
    }
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTermKeys(term, labels);
  }
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) mergeConstraintKeys(constraint, labels);
}

type Labels = Readonly<Record<string, string>>;

function mergeTermKeys(term: PodAffinityTerm, labels: Labels): void {
  if (!term.labelSelector) return;
  requireLabels(term.labelSelector, term.matchLabelKeys, 'In', labels);
  requireLabels(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
}

function mergeConstraintKeys(constraint: TopologySpreadConstraint, labels: Labels): void {
  if (constraint.labelSelector) requireLabels(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels);
}

function requireLabels(
  selector: LabelSelector,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Labels,
): void {
  for (const key of keys ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] });
  }
}

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const longestPath = 4095;

/** The annotations that came before the `appArmorProfile` field still set it (KEP-24, version skew strategy). */
function syncAppArmorAnnotations(pod: Pod, annotations: Labels, { warn }: StrategyContext): void {
  if (!pod.spec || pod.spec.os?.name === 'windows') return;
  const podProfile = pod.spec.securityContext?.appArmorProfile;
  const { containers, initContainers, ephemeralContainers } = pod.spec;
  for (const container of [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])]) {
    const key = appArmorPrefix + container.name;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = appArmorProfile(annotation);
    const isPods = profile?.type === podProfile?.type && profile?.localhostProfile === podProfile?.localhostProfile;
    if (profile && isPods) continue;
    if (profile) (container.securityContext ??= {}).appArmorProfile = profile;
    warn?.(`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}

function appArmorProfile(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const localhostProfile = annotation.slice('localhost/'.length).trim();
  const isValid = localhostProfile !== '' && localhostProfile.length <= longestPath;
  return isValid ? { type: 'Localhost', localhostProfile } : undefined;
}

/**
 * Seconds from a deletion to the Pod's removal: none for a Pod that no node has or that has ended, else what the
 * request says, else `terminationGracePeriodSeconds`.
 */
export function podGracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  const phase = pod.status?.phase;
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}
