import type { ControllerManagerOptions } from '../options.ts';

/** How many of a zone's Nodes are ill; `Initial`: it was not looked at yet. */
export type ZoneState = 'Initial' | 'Normal' | 'FullDisruption' | 'PartialDisruption';

/** @param ready Of each Node of the zone, whether it is ready. */
export function zoneStateOf(ready: readonly boolean[], unhealthyZoneThreshold: number): ZoneState {
  const healthy = ready.filter(Boolean).length;
  const ill = ready.length - healthy;
  if (healthy === 0 && ill > 0) return 'FullDisruption';
  return ill > 2 && ill / ready.length >= unhealthyZoneThreshold ? 'PartialDisruption' : 'Normal';
}

type Rates = Pick<
  ControllerManagerOptions,
  'nodeEvictionRate' | 'secondaryNodeEvictionRate' | 'largeClusterSizeThreshold'
>;

/**
 * How many Nodes a second are tainted in a zone. Where most Nodes are ill the fault may be the control plane's: a large
 * zone goes on slowly, a small one not at all. Where all are, they may as well go at the usual rate, unless all zones are
 * so (https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction).
 */
export function taintRate(state: ZoneState, zoneSize: number, rates: Rates): number {
  if (state !== 'PartialDisruption') return rates.nodeEvictionRate;
  return zoneSize > rates.largeClusterSizeThreshold ? rates.secondaryNodeEvictionRate : 0;
}
