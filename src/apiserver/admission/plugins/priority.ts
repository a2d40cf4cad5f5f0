import type { Pod, PodSpec } from '../../../api/types/core.v1.ts';
import type { PriorityClass } from '../../../api/types/scheduling.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOf, isOfPods } from './pod-requests.ts';

/** What a Pod has when it names no class and none is the default. */
const noClass = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' } as const;

interface Resolved {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string;
}

/** Writes into each Pod what its PriorityClass means (KEP-268, KEP-902). */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #classes: Lister<PriorityClass>;

  constructor(classes: Lister<PriorityClass>) {
    this.#classes = classes;
  }

  handles(kind: RequestKind): boolean {
    if (isOfPods(kind, 'CREATE', 'UPDATE')) return true;
    const isOfClasses = isOf(kind, 'scheduling.k8s.io', 'priorityclasses') && kind.subresource === '';
    return isOfClasses && (kind.operation === 'CREATE' || kind.operation === 'UPDATE');
  }

  prepare(): Promise<void> | undefined {
    return this.#classes.load();
  }

  admit(attributes: Attributes): void {
    if (attributes.requestKind.resource !== 'pods') return;
    const { spec } = attributes.object as Pod;
    if (!spec) return;
    if (attributes.operation === 'UPDATE') keepResolved(spec, (attributes.oldObject as Pod).spec);
    else this.#resolve(attributes, spec);
  }

  validate(attributes: Attributes): void {
    if (attributes.requestKind.resource !== 'priorityclasses') return;
    const { globalDefault, metadata } = attributes.object as PriorityClass;
    if (globalDefault !== true) return;
    const other = this.#default();
    if (other === undefined) return;
    const name = other.metadata.name ?? '';
    if (attributes.operation === 'UPDATE' && name === metadata.name) return;
    throw refusal(attributes, `PriorityClass ${name} is already marked as default. Only one default can exist`);
  }

  #resolve(attributes: Attributes, spec: PodSpec): void {
    const wanted = spec.priorityClassName ?? '';
    const found = wanted === '' ? this.#default() : this.#classes.get('', wanted);
    if (wanted !== '' && found === undefined) {
      throw refusal(attributes, `no PriorityClass with name ${wanted} was found`);
    }
    const { name, value, preemptionPolicy } = found === undefined ? noClass : meaningOf(found);
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value) {
      throw refusal(attributes, notYours('integer value of priority', spec.priority, value));
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
      throw refusal(attributes, notYours('string value of PreemptionPolicy', spec.preemptionPolicy, preemptionPolicy));
    }
    if (name !== '') spec.priorityClassName = name;
    spec.priority = value;
    spec.preemptionPolicy = preemptionPolicy as 'PreemptLowerPriority';
  }

  /** Of several, which only a race can bring about, the lowest. */
  #default(): PriorityClass | undefined {
    let lowest: PriorityClass | undefined;
    for (const one of this.#classes.list()) {
      if (one.globalDefault === true && (lowest === undefined || valueOf(one) < valueOf(lowest))) lowest = one;
    }
    return lowest;
  }
}

function valueOf({ value = 0 }: PriorityClass): number {
  return value;
}

function meaningOf(found: PriorityClass): Resolved {
  const { metadata, preemptionPolicy = noClass.preemptionPolicy } = found;
  return { name: metadata.name ?? '', value: valueOf(found), preemptionPolicy };
}

function notYours(what: string, given: string | number, computed: string | number): string {
  return (
    `the ${what} (${given}) must not be provided in pod spec; ` +
    `priority admission controller computed ${computed} from the given PriorityClass name`
  );
}

/** A client that does not know the fields leaves them out of its updates. */
function keepResolved(spec: PodSpec, old: PodSpec | undefined): void {
  if (old?.priority !== undefined) spec.priority ??= old.priority;
  if (old?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.preemptionPolicy;
}
