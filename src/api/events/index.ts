import type { ResourceDefinition } from '../contract.ts';
import { events } from './events.ts';

export const eventsDefinitions: readonly ResourceDefinition[] = [events];
