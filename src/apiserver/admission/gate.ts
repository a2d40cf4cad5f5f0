import type { GroupVersionKind, KubernetesObject } from '../../api/contract.ts';
import { kindOf, type ResourceRequest } from '../registry/request.ts';
import { addAuditAnnotation } from './audit-annotations.ts';
import type { Steps } from './chain.ts';
import type { Attributes } from './contract.ts';
import type { PhaseRun } from './phase.ts';
import { writeOptions } from './write-options.ts';

export interface GateOptions {
  readonly dryRun: boolean;
  /** Default: what the request's query says. */
  readonly options?: object;
  /** What the object is. Default: the resource's kind. */
  readonly kind?: GroupVersionKind;
}

/** What is in the way of one request: first everything that may change it, and when it is valid, everything that judges it. */
export class Gate {
  readonly #steps: Steps;
  readonly #request: ResourceRequest;
  readonly #options: GateOptions;

  constructor(steps: Steps, request: ResourceRequest, options: GateOptions) {
    this.#steps = steps;
    this.#request = request;
    this.#options = options;
  }

  /** May change `object`. Throws (or rejects with) a StatusError when the request is refused. */
  admit(object: KubernetesObject | undefined, old: KubernetesObject | undefined): void | Promise<void> {
    return this.#run(this.#steps.admit, object, old);
  }

  /** Throws (or rejects with) a StatusError when the request is refused. */
  validate(object: KubernetesObject | undefined, old: KubernetesObject | undefined): void | Promise<void> {
    return this.#run(this.#steps.validate, object, old);
  }

  /** Both phases, for what is not validated in between: deletions and connections. */
  async pass(object: KubernetesObject | undefined, old: KubernetesObject | undefined): Promise<void> {
    await this.admit(object, old);
    await this.validate(object, old);
  }

  #run(phase: PhaseRun, object: KubernetesObject | undefined, old: KubernetesObject | undefined): void | Promise<void> {
    if (phase.isEmpty) return undefined;
    const attributes = this.#attributes(object, old);
    let waiting: Promise<void>[] | undefined;
    for (const plugin of this.#steps.preparing) {
      const prepared = plugin.prepare?.(this.#steps.requestKind);
      if (prepared !== undefined) (waiting ??= []).push(prepared);
    }
    if (waiting === undefined) return phase.run(attributes);
    return Promise.all(waiting).then(() => phase.run(attributes));
  }

  #attributes(object: KubernetesObject | undefined, old: KubernetesObject | undefined): Attributes {
    const { requestKind } = this.#steps;
    const { exchange, info, user } = this.#request;
    const { dryRun, options, kind = kindOf(this.#request) } = this.#options;
    const name = info.name || object?.metadata?.name || old?.metadata?.name || '';
    const isNamespace = requestKind.resource === 'namespaces' && requestKind.group === '';
    return {
      requestKind,
      operation: requestKind.operation,
      subresource: requestKind.subresource,
      kind,
      name,
      namespace: isNamespace ? name : info.namespace,
      user,
      dryRun,
      // Made where somebody asks for it, which few do.
      get options() {
        return options ?? writeOptions(requestKind.operation, exchange.query);
      },
      object,
      oldObject: old,
      request: this.#request,
      addWarning: (text) => exchange.addWarning(text),
      addAuditAnnotation: (key, value) => addAuditAnnotation(exchange, key, value),
    };
  }
}
