import type { Plugin } from '../contract.ts';

/** Pods with gates are not tried until the last gate is removed (KEP-3521). */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue: ({ spec }) => {
    const gates = (spec.schedulingGates ?? []).map(({ name }) => name);
    if (gates.length === 0) return undefined;
    return { code: 'Pending', reasons: [`waiting for scheduling gates: [${gates.join(' ')}]`] };
  },
};
