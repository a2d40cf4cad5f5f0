import type { ResourceDefinition } from '../contract.ts';
import { ingressclasses } from './ingressclasses.ts';
import { ingresses } from './ingresses.ts';
import { ipaddresses } from './ipaddresses.ts';
import { networkpolicies } from './networkpolicies.ts';
import { servicecidrs } from './servicecidrs.ts';

export const networkingDefinitions: readonly ResourceDefinition[] = [
  ingressclasses,
  ingresses,
  ipaddresses,
  networkpolicies,
  servicecidrs,
];
