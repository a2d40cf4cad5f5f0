import type { ResourceDefinition } from '../contract.ts';
import { horizontalpodautoscalersV1 } from './horizontalpodautoscalers-v1.ts';
import { horizontalpodautoscalers } from './horizontalpodautoscalers.ts';

export const autoscalingDefinitions: readonly ResourceDefinition[] = [
  horizontalpodautoscalers,
  horizontalpodautoscalersV1,
];
