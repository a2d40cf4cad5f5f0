import type { ResourceDefinition } from '../../api/contract.ts';
import type { Parameter } from './parameters.ts';
import type { PrintedKind } from './schemas.ts';

/** What the operations of one resource have in common. */
export interface ResourceParts {
  readonly definition: ResourceDefinition;
  readonly kind: string;
  /** `NamespacedPod`, `Node`: what the names of operations are made of. */
  readonly noun: string;
  readonly gvk: PrintedKind;
  readonly collection: string;
  readonly item: string;
  readonly itemParameters: readonly Parameter[];
}
