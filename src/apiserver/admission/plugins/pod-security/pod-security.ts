import type { KubernetesObject } from '../../../../api/contract.ts';
import type { Namespace, Pod, PodSpec, PodTemplateSpec } from '../../../../api/types/core.v1.ts';
import type { ObjectMeta } from '../../../../api/types/meta.v1.ts';
import type { Clock } from '../../../../machinery/clock.ts';
import type { FieldError } from '../../../../machinery/field-error.ts';
import { forbidden, invalid } from '../../../../machinery/status.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { warningsOf } from './existing-pods.ts';
import type { PodSecurityMetrics } from './metrics.ts';
import { areSame, isStricter, labelPrefix, policyOf, printed, type LevelVersion, type Policy } from './policy.ts';
import { isSignificantUpdate } from './significant-update.ts';
import { detailsOf, violationsOf, type Violation } from './standards.ts';

/** Kinds that make Pods of a template: they are warned about, not refused. */
const workloads: ReadonlyMap<string, (object: KubernetesObject) => PodTemplateSpec | undefined> = new Map([
  ['podtemplates.', (object) => (object as WithTemplate).template],
  ...[
    'replicationcontrollers.',
    'replicasets.apps',
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'jobs.batch',
  ].map((key) => [key, (object: KubernetesObject) => (object as WithTemplate).spec?.template] as const),
  ['cronjobs.batch', (object) => (object as WithTemplate).spec?.jobTemplate?.spec?.template],
]);

interface WithTemplate extends KubernetesObject {
  readonly template?: PodTemplateSpec;
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
  };
}

/** Subresources of Pods by which nothing changes that the standards look at. */
const ignoredSubresources: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

export interface PodSecurityOptions {
  readonly namespaces: Lister<Namespace>;
  readonly pods: Lister<Pod>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly configuration: PodSecurityConfiguration;
  readonly metrics?: PodSecurityMetrics;
}

/** Holds Pods to the Pod Security Standard that their namespace asks for (KEP-2579). */
export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';
  readonly #options: PodSecurityOptions;

  constructor(options: PodSecurityOptions) {
    this.#options = options;
  }

  handles(kind: RequestKind): boolean {
    const { operation, group, resource, subresource } = kind;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
    if (group === '' && resource === 'pods') return !ignoredSubresources.has(subresource);
    if (subresource !== '') return false;
    return (group === '' && resource === 'namespaces') || workloads.has(`${resource}.${group}`);
  }

  prepare(kind: RequestKind): Promise<void> | undefined {
    // Pods, which are many, are loaded where a namespace becomes stricter.
    return kind.resource === 'namespaces' ? undefined : this.#options.namespaces.load();
  }

  validate(attributes: Attributes): void | Promise<void> {
    const { requestKind, object } = attributes;
    if (object === undefined) return;
    const { resource, group } = requestKind;
    if (resource === 'namespaces') return this.#validateNamespace(attributes, object as Namespace);
    if (this.#isExempt(attributes)) return;
    if (resource === 'pods') {
      this.#validatePod(attributes, object as Pod);
      return;
    }
    const template = workloads.get(`${resource}.${group}`)?.(object);
    const { policy, errors } = this.#policyFor(attributes);
    if (!template?.spec || (isPrivileged(policy.warn) && isPrivileged(policy.audit) && errors.length === 0)) return;
    this.#evaluate(attributes, policy, errors, template.metadata ?? {}, template.spec, false);
  }

  #policyFor({ namespace }: Attributes): { policy: Policy; errors: FieldError[] } {
    // Only the labels are looked at: the object need not be parsed.
    const labels = this.#options.namespaces.record('', namespace)?.labels;
    return policyOf(labels, this.#options.configuration.defaults);
  }

  #isExempt(attributes: Attributes): boolean {
    const { namespaces, usernames } = this.#options.configuration.exemptions;
    const exempt = namespaces.has(attributes.namespace)
      ? 'namespace'
      : usernames.has(attributes.user.username)
        ? 'user'
        : undefined;
    if (exempt === undefined) return false;
    this.#exempt(attributes, exempt);
    return true;
  }

  #exempt(attributes: Attributes, why: string): void {
    attributes.addAuditAnnotation(`${labelPrefix}exempt`, why);
    this.#options.metrics?.exempted(attributes);
  }

  #isExemptRuntimeClass({ runtimeClassName }: PodSpec): boolean {
    return this.#options.configuration.exemptions.runtimeClasses.has(runtimeClassName ?? '');
  }

  #validatePod(attributes: Attributes, pod: Pod): void {
    const { policy, errors } = this.#policyFor(attributes);
    const isFree = isPrivileged(policy.enforce) && isPrivileged(policy.warn) && isPrivileged(policy.audit);
    if (!pod.spec || (isFree && errors.length === 0)) return;
    if (attributes.operation === 'UPDATE' && !isSignificantUpdate(pod, attributes.oldObject as Pod)) return;
    this.#evaluate(attributes, policy, errors, pod.metadata, pod.spec, true);
  }

  #evaluate(
    attributes: Attributes,
    policy: Policy,
    errors: readonly FieldError[],
    metadata: ObjectMeta,
    spec: PodSpec,
    isPod: boolean,
  ): void {
    if (this.#isExemptRuntimeClass(spec)) {
      this.#exempt(attributes, 'runtimeClass');
      return;
    }
    const { metrics } = this.#options;
    if (errors.length > 0) {
      metrics?.failed(attributes);
      const said = errors.map(String).join(', ');
      attributes.addAuditAnnotation(`${labelPrefix}error`, `Failed to parse policy: ${said}`);
    }
    const results = new Map<string, Violation[]>();
    const evaluate = (required: LevelVersion): Violation[] => {
      const key = printed(required);
      let found = results.get(key);
      if (found === undefined) results.set(key, (found = violationsOf(required, metadata, spec)));
      return found;
    };
    if (isPod) attributes.addAuditAnnotation(`${labelPrefix}enforce-policy`, printed(policy.enforce));
    const audited = evaluate(policy.audit);
    if (audited.length > 0) {
      metrics?.evaluated(false, policy.audit, 'audit', attributes);
      const sentence = `would violate PodSecurity "${printed(policy.audit)}": ${detailsOf(audited)}`;
      attributes.addAuditAnnotation(`${labelPrefix}audit-violations`, sentence);
    }
    const enforced = isPod ? evaluate(policy.enforce) : [];
    if (isPod) metrics?.evaluated(enforced.length === 0, policy.enforce, 'enforce', attributes);
    if (enforced.length > 0) {
      const why = `violates PodSecurity "${printed(policy.enforce)}": ${detailsOf(enforced)}`;
      throw forbidden({ group: '', resource: 'pods' }, attributes.name, why);
    }
    const warned = evaluate(policy.warn);
    if (warned.length === 0) return;
    metrics?.evaluated(false, policy.warn, 'warn', attributes);
    attributes.addWarning(`would violate PodSecurity "${printed(policy.warn)}": ${detailsOf(warned)}`);
  }

  #validateNamespace(attributes: Attributes, namespace: Namespace): void | Promise<void> {
    const { defaults, exemptions } = this.#options.configuration;
    const { policy, errors } = policyOf(namespace.metadata.labels, defaults);
    const old = attributes.oldObject as Namespace | undefined;
    if (errors.length > 0) {
      const before = old === undefined ? [] : policyOf(old.metadata.labels, defaults).errors;
      // What was wrong before does not keep anything else from being changed.
      if (before.map(String).join() !== errors.map(String).join()) {
        throw invalid({ group: '', kind: 'Namespace' }, attributes.name, errors);
      }
    }
    if (old === undefined) return;
    const { enforce } = policy;
    const { enforce: before } = policyOf(old.metadata.labels, defaults).policy;
    if (areSame(enforce, before) || isPrivileged(enforce) || exemptions.namespaces.has(attributes.name)) return;
    if (enforce.minor === before.minor && !isStricter(enforce.level, before.level)) return;
    return this.#warnOfPods(attributes, enforce);
  }

  async #warnOfPods(attributes: Attributes, enforce: LevelVersion): Promise<void> {
    const { pods, clock } = this.#options;
    await pods.load();
    const namespace = attributes.name;
    const existing = {
      records: pods.records(namespace),
      // They are many, and looked at once: nothing is gained by keeping them.
      parse: (record: Parameters<typeof pods.decode>[0]) => pods.decode(record),
      monotonicMs: () => clock.monotonicMs(),
      isExempt: ({ spec }: Pod) => spec !== undefined && this.#isExemptRuntimeClass(spec),
    };
    for (const warning of warningsOf(existing, namespace, enforce)) attributes.addWarning(warning);
  }
}

function isPrivileged({ level }: LevelVersion): boolean {
  return level === 'privileged';
}
