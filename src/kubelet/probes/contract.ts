import type { Container, Probe } from '../../api/types/core.v1.ts';
import type { ProbeResult, ProbeType } from '../contract.ts';

/** What a probe is about. */
export interface ProbeTarget {
  /** The runtime's id, without scheme. */
  readonly containerId: string;
  /** '' while the Pod has none. */
  readonly podIP: string;
}

/** Asks a container how it is. */
export interface Prober {
  /** One try. Throws when it could not be made; that counts neither as success nor as failure. */
  probe(
    type: ProbeType,
    target: ProbeTarget,
    container: Container,
    probe: Probe,
    signal: AbortSignal,
  ): Promise<ProbeResult>;
}
