import type { ResourceDefinition } from '../../api/contract.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { ResourceRequest } from '../registry/request.ts';
import type { AdmissionPlugin, Operation, RequestKind } from './contract.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { AdmissionMetrics, Phase } from './metrics.ts';
import { PhaseRun, type Step } from './phase.ts';

/** What concerns one sort of request. */
export interface Steps {
  readonly requestKind: RequestKind;
  readonly admit: PhaseRun;
  readonly validate: PhaseRun;
  /** Those of the plugins that have something to make ready first. */
  readonly preparing: readonly AdmissionPlugin[];
}

/** The enabled plugins, in order. What does not concern a request costs it one look into a map. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #clock: Clock;
  readonly #metrics: AdmissionMetrics | undefined;
  /** By definition, and then by operation and subresource; null where nothing is concerned. */
  readonly #steps = new WeakMap<ResourceDefinition, Map<string, Steps | null>>();

  constructor(plugins: readonly AdmissionPlugin[], clock: Clock, metrics?: AdmissionMetrics) {
    this.#plugins = plugins;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  get pluginNames(): readonly string[] {
    return this.#plugins.map(({ name }) => name);
  }

  /** What a request has to pass; undefined when nothing is in its way. */
  gate(request: ResourceRequest, operation: Operation, options: GateOptions): Gate | undefined {
    const steps = this.#stepsOf(request.definition, operation, request.info.subresource);
    return steps === null ? undefined : new Gate(steps, request, options);
  }

  #stepsOf(definition: ResourceDefinition, operation: Operation, subresource: string): Steps | null {
    let known = this.#steps.get(definition);
    if (known === undefined) this.#steps.set(definition, (known = new Map()));
    const key = subresource === '' ? operation : `${operation} ${subresource}`;
    let steps = known.get(key);
    if (steps === undefined) known.set(key, (steps = this.#find(definition, operation, subresource)));
    return steps;
  }

  #find(definition: ResourceDefinition, operation: Operation, subresource: string): Steps | null {
    const { group, version, plural, namespaced } = definition;
    const requestKind = { operation, group, version, resource: plural, subresource, namespaced };
    const plugins = this.#plugins.filter((plugin) => plugin.handles(requestKind));
    if (plugins.length === 0) return null;
    return {
      requestKind,
      admit: this.#phase('admit', operation, plugins),
      validate: this.#phase('validate', operation, plugins),
      preparing: plugins.filter((plugin) => plugin.prepare !== undefined),
    };
  }

  #phase(phase: Phase, operation: Operation, plugins: readonly AdmissionPlugin[]): PhaseRun {
    const steps: Step[] = [];
    for (const plugin of plugins) {
      const run = plugin[phase]?.bind(plugin);
      if (run !== undefined) steps.push({ run, series: this.#metrics?.plugin(plugin.name, phase, operation) });
    }
    return new PhaseRun(steps, this.#metrics?.phase(phase, operation), this.#clock);
  }
}
