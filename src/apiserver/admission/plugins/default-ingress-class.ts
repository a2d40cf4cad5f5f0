import type { Ingress, IngressClass } from '../../../api/types/networking.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { defaultClass } from './default-class.ts';
import { isOf } from './pod-requests.ts';

const defaultAnnotations = ['ingressclass.kubernetes.io/is-default-class'];
/** What named the class before `spec.ingressClassName` did. */
const classAnnotation = 'kubernetes.io/ingress.class';

/** Gives an Ingress that does not say by which controller it should be served the default class. */
export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass';
  readonly #classes: Lister<IngressClass>;

  constructor(classes: Lister<IngressClass>) {
    this.#classes = classes;
  }

  handles(kind: RequestKind): boolean {
    return isOf(kind, 'networking.k8s.io', 'ingresses') && kind.subresource === '' && kind.operation === 'CREATE';
  }

  prepare(): Promise<void> | undefined {
    return this.#classes.load();
  }

  admit({ object }: Attributes): void {
    const ingress = object as Ingress;
    const spec = (ingress.spec ??= {});
    if (spec.ingressClassName !== undefined || ingress.metadata?.annotations?.[classAnnotation] !== undefined) return;
    const found = defaultClass(this.#classes.list(), defaultAnnotations);
    if (found?.metadata.name !== undefined) spec.ingressClassName = found.metadata.name;
  }
}
