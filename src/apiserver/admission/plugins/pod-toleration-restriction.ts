import { qosClass } from '../../../api/core/pod-qos.ts';
import type { Namespace, Pod, Toleration } from '../../../api/types/core.v1.ts';
import { SetupError } from '../../setup-error.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOfPods } from './pod-requests.ts';
import { includes, mergeTolerations } from './tolerations.ts';

const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowedAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
/** A Pod that asks for memory is not driven off by a lack of it. */
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export interface TolerationRules {
  readonly defaults: readonly Toleration[];
  /** Empty: anything. */
  readonly allowed: readonly Toleration[];
}

/** Reads a `podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration`. Throws SetupError. */
export function readTolerationRules(document: unknown): TolerationRules {
  const { default: defaults, whitelist: allowed } = (document ?? {}) as Readonly<Record<string, unknown>>;
  const read = (value: unknown, field: string): Toleration[] => {
    const list = value ?? [];
    if (isTolerations(list)) return list;
    throw new SetupError(`the configuration of PodTolerationRestriction: ${field} must be a list of tolerations`);
  };
  return { defaults: read(defaults, 'default'), allowed: read(allowed, 'whitelist') };
}

function isTolerations(value: unknown): value is Toleration[] {
  return (
    Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}

/** Gives the Pods of a namespace its tolerations, and lets them have none that it does not allow. */
export class PodTolerationRestriction implements AdmissionPlugin {
  readonly name = 'PodTolerationRestriction';
  readonly #namespaces: Lister<Namespace>;
  readonly #rules: TolerationRules;

  constructor(namespaces: Lister<Namespace>, rules: TolerationRules) {
    this.#namespaces = namespaces;
    this.#rules = rules;
  }

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE', 'UPDATE');
  }

  prepare(): Promise<void> | undefined {
    return this.#namespaces.load();
  }

  admit(attributes: Attributes): void {
    const { spec } = attributes.object as Pod;
    if (!spec) return;
    let tolerations = spec.tolerations ?? [];
    if (attributes.operation === 'CREATE') {
      const own = this.#annotated(attributes, defaultsAnnotation);
      tolerations = mergeTolerations(own ?? this.#rules.defaults, tolerations);
    }
    if (qosClass(spec) !== 'BestEffort') tolerations = mergeTolerations(tolerations, [memoryPressure]);
    if (tolerations.length > 0) spec.tolerations = tolerations;
    this.validate(attributes);
  }

  validate(attributes: Attributes): void {
    const tolerations = (attributes.object as Pod).spec?.tolerations ?? [];
    const allowed = this.#annotated(attributes, allowedAnnotation) ?? this.#rules.allowed;
    if (allowed.length === 0) return;
    const isAllowed = (one: Toleration): boolean => [...allowed, memoryPressure].some((other) => includes(other, one));
    if (tolerations.every(isAllowed)) return;
    throw refusal(
      attributes,
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    );
  }

  /** Undefined when the namespace does not say. */
  #annotated(attributes: Attributes, key: string): Toleration[] | undefined {
    const text = this.#namespaces.get('', attributes.namespace)?.metadata.annotations?.[key];
    if (text === undefined || text === '') return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (isTolerations(value)) return value.length === 0 ? undefined : structuredClone(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw refusal(attributes, `the annotation ${key} of its namespace is no list of tolerations`);
  }
}
