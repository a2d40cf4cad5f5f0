import { quantityOf } from '../../../api/core/resource-list.ts';
import type { Pod, PodSpec, ResourceList } from '../../../api/types/core.v1.ts';
import type { RuntimeClass as RuntimeClassObject } from '../../../api/types/node.v1.ts';
import { quote } from '../../../machinery/quote.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOfPods } from './pod-requests.ts';
import { mergeTolerations } from './tolerations.ts';

/** Writes into each Pod what its RuntimeClass costs and where it can run (KEP-688, KEP-894). */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass';
  readonly #classes: Lister<RuntimeClassObject>;

  constructor(classes: Lister<RuntimeClassObject>) {
    this.#classes = classes;
  }

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE');
  }

  prepare(): Promise<void> | undefined {
    return this.#classes.load();
  }

  admit(attributes: Attributes): void {
    const { spec } = attributes.object as Pod;
    const found = this.#classOf(attributes);
    if (!spec || found === undefined) return;
    const { overhead, scheduling } = found;
    if (overhead) {
      const { podFixed } = overhead;
      if (spec.overhead !== undefined && !areSame(podFixed, spec.overhead)) throw refusal(attributes, overheadDiffers);
      if (podFixed !== undefined) spec.overhead = { ...podFixed };
    }
    if (scheduling) {
      addNodeSelector(attributes, spec, scheduling.nodeSelector ?? {});
      const tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations ?? []);
      if (tolerations.length > 0) spec.tolerations = tolerations;
    }
  }

  validate(attributes: Attributes): void {
    const overhead = (attributes.object as Pod).spec?.overhead;
    const defined = this.#classOf(attributes)?.overhead;
    if (defined) {
      if (!areSame(defined.podFixed, overhead)) throw refusal(attributes, overheadDiffers);
    } else if (overhead !== undefined) {
      throw refusal(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    }
  }

  #classOf(attributes: Attributes): RuntimeClassObject | undefined {
    const name = (attributes.object as Pod).spec?.runtimeClassName;
    if (name === undefined || name === null) return undefined;
    const found = this.#classes.get('', name);
    if (found === undefined) throw refusal(attributes, `pod rejected: RuntimeClass ${quote(name)} not found`);
    return found;
  }
}

const overheadDiffers = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function areSame(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && quantityOf(a[name]).equals(quantityOf(b[name])))
  );
}

function addNodeSelector(attributes: Attributes, spec: PodSpec, wanted: Readonly<Record<string, string>>): void {
  if (Object.keys(wanted).length === 0) return;
  const own = spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(wanted)) {
    const given = own[key];
    if (given === undefined || given === value) continue;
    throw refusal(
      attributes,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given}`,
    );
  }
  spec.nodeSelector = { ...own, ...wanted };
}
