import type { Clock } from '../../machinery/clock.ts';
import type { Random } from '../../machinery/random.ts';
import type { Authorizer } from '../contract.ts';
import type { Registry } from '../registry/registry.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionConfiguration } from './configuration.ts';
import type { AdmissionPlugin } from './contract.ts';
import { Lister } from './lister.ts';
import type { AdmissionMetrics } from './metrics.ts';
import type { PluginName } from './plugin-names.ts';
import { AlwaysAdmit, AlwaysDeny } from './plugins/always.ts';
import { NamespaceLifecycle } from './plugins/namespace-lifecycle.ts';

/** What plugins are made with. */
export interface PluginContext {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly configuration: AdmissionConfiguration;
  /** What DefaultTolerationSeconds sets. */
  readonly tolerations: { readonly notReadySeconds: number; readonly unreachableSeconds: number };
}

type Make = (context: PluginContext) => AdmissionPlugin;

const makers: Readonly<Record<PluginName, Make>> = {
  AlwaysAdmit: () => new AlwaysAdmit(),
  NamespaceLifecycle: ({ registry }) => new NamespaceLifecycle(new Lister(registry, '', 'namespaces')),
  AlwaysDeny: () => new AlwaysDeny(),
};

/** The chain of the chosen plugins. Throws SetupError when one's configuration is wrong. */
export function admissionChain(
  names: readonly PluginName[],
  context: PluginContext,
  metrics?: AdmissionMetrics,
): AdmissionChain {
  return new AdmissionChain(
    names.map((name) => makers[name](context)),
    context.clock,
    metrics,
  );
}
