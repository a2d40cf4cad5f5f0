/** What the validation of a Pod lets pass because the object as it is stored has it already (upstream's ratcheting). */
import { isLabelValue } from '../../../machinery/names.ts';
import { hasInvalidLabelValue } from '../../label-selector-ratchet.ts';
import type {
  Affinity,
  Container,
  EphemeralContainer,
  NodeSelectorRequirement,
  PodSpec,
  PodTemplateSpec,
} from '../../types/core.v1.ts';
import type { ObjectMeta } from '../../types/meta.v1.ts';
import { quantityOf } from '../resource-list.ts';
import { hasBacksteps, listOf, type Maybe } from '../../field-rules.ts';
import { isHugePages, isWholeHugePages } from './resource-kinds.ts';
import { hostNamespaceOfSysctl } from './sysctls.ts';
import { isDeletionCost } from './deletion-cost.ts';

export interface PodOptions {
  /** A Pod itself, not the template of a workload. */
  readonly isPod?: boolean;
  readonly allowInvalidDeletionCost?: boolean;
  readonly allowInvalidSelectorLabelValue?: boolean;
  readonly allowInvalidNodeAffinityLabelValue?: boolean;
  readonly allowInvalidSpreadSelector?: boolean;
  readonly allowInvalidSpreadLabelKeys?: boolean;
  readonly allowIndivisibleHugePages?: boolean;
  readonly allowNonLocalTokenPath?: boolean;
  readonly allowHostSysctls?: boolean;
  readonly allowAnySELinuxChangePolicy?: boolean;
  readonly allowTolerationComparison?: boolean;
  readonly allowUserNamespaceOnHostNetwork?: boolean;
  readonly allowUserNamespaceWithDevices?: boolean;
  /** Addresses that the stored object holds, whatever they look like. */
  readonly oldNameservers?: readonly string[];
  readonly oldHostAliases?: readonly string[];
}

export const podCreation: PodOptions = Object.freeze({ isPod: true });
export const templateCreation: PodOptions = Object.freeze({});

/** For an update of a Pod that is stored with this spec. */
export function podUpdateOptions(spec: PodSpec | undefined, metadata: ObjectMeta | undefined): PodOptions {
  return { ...ratcheted(spec ?? { containers: null }, metadata), isPod: true };
}

/** For an update of a workload that is stored with this template. */
export function templateUpdateOptions(template: PodTemplateSpec | undefined): PodOptions {
  if (!template) return templateCreation;
  return ratcheted(template.spec ?? { containers: null }, template.metadata);
}

function ratcheted(spec: PodSpec, metadata: ObjectMeta | undefined): PodOptions {
  const security = spec.securityContext;
  const containers: readonly (Container | EphemeralContainer)[] = [
    ...listOf(spec.containers),
    ...listOf(spec.initContainers),
    ...listOf(spec.ephemeralContainers),
  ];
  const cost = metadata?.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
  return {
    allowInvalidDeletionCost: cost !== undefined && !isDeletionCost(cost),
    allowInvalidSelectorLabelValue: hasInvalidAffinitySelector(spec.affinity),
    allowInvalidNodeAffinityLabelValue: hasInvalidNodeAffinity(spec.affinity),
    allowInvalidSpreadSelector: listOf(spec.topologySpreadConstraints).some(({ labelSelector }) =>
      hasInvalidLabelValue(labelSelector),
    ),
    allowInvalidSpreadLabelKeys: listOf(spec.topologySpreadConstraints).some(
      ({ matchLabelKeys, labelSelector }) => listOf(matchLabelKeys).length > 0 && !labelSelector,
    ),
    allowIndivisibleHugePages: containers.some(({ resources }) =>
      [resources?.limits, resources?.requests].some(hasBrokenHugePages),
    ),
    allowNonLocalTokenPath: listOf(spec.volumes).some(({ projected }) =>
      listOf(projected?.sources).some(({ serviceAccountToken }) => isNonLocal(serviceAccountToken?.path)),
    ),
    allowHostSysctls: listOf(security?.sysctls).some(({ name }) => {
      const namespace = hostNamespaceOfSysctl(name ?? '');
      return (namespace === 'net' && spec.hostNetwork === true) || (namespace === 'ipc' && spec.hostIPC === true);
    }),
    allowAnySELinuxChangePolicy: security?.seLinuxChangePolicy !== undefined,
    allowTolerationComparison: listOf(spec.tolerations).some(({ operator }) => operator === 'Lt' || operator === 'Gt'),
    allowUserNamespaceOnHostNetwork: spec.hostNetwork === true && spec.hostUsers === false,
    allowUserNamespaceWithDevices:
      spec.hostUsers === false && containers.some(({ volumeDevices }) => listOf(volumeDevices).length > 0),
    oldNameservers: listOf(spec.dnsConfig?.nameservers),
    oldHostAliases: listOf(spec.hostAliases).map(({ ip }) => ip),
  };
}

function isNonLocal(path: string | undefined): boolean {
  return path !== undefined && (path.startsWith('/') || path.startsWith('..') || hasBacksteps(path));
}

function hasBrokenHugePages(list: Readonly<Record<string, string>> | null | undefined): boolean {
  for (const [name, text] of Object.entries(list ?? {})) {
    if (isHugePages(name) && !isWholeHugePages(name, quantityOf(text))) return true;
  }
  return false;
}

function hasInvalidAffinitySelector(affinity: Affinity | undefined): boolean {
  for (const terms of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    const preferred = listOf(terms?.preferredDuringSchedulingIgnoredDuringExecution);
    for (const term of [
      ...listOf(terms?.requiredDuringSchedulingIgnoredDuringExecution),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ]) {
      if (hasInvalidLabelValue(term?.labelSelector) || hasInvalidLabelValue(term?.namespaceSelector)) return true;
    }
  }
  return false;
}

function hasInvalidNodeAffinity(affinity: Affinity | undefined): boolean {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return listOf(terms).some(({ matchExpressions }) => hasInvalidValue(matchExpressions));
}

function hasInvalidValue(requirements: Maybe<NodeSelectorRequirement>): boolean {
  return listOf(requirements).some(({ values }) => listOf(values).some((value) => isLabelValue(value).length > 0));
}
