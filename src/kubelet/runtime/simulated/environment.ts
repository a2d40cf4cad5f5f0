import type { EnvironmentSource } from '../../pods/configs.ts';

/** Nothing runs in a simulated container that could look at its environment: only what is written out is passed on. */
export const literalEnvironment: EnvironmentSource = {
  prepare: async (_pod, { env = [] }) => ({
    envs: env.filter(({ valueFrom }) => valueFrom === undefined).map(({ name, value = '' }) => ({ key: name, value })),
    mounts: [],
  }),
};
