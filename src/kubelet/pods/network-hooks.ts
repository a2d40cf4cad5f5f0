import { httpGet } from '../probes/network-prober.ts';
import { HookError, type HookNetwork } from './hooks.ts';

/** Lifecycle hooks over HTTP, to the Pod's own address. */
export const networkHooks: HookNetwork = {
  async httpGet(action, pod, container, signal) {
    const { status } = await httpGet(action, pod.status?.podIP ?? '', container, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new HookError(error instanceof Error ? error.message : String(error), { cause: error });
    });
    if (status >= 400) throw new HookError(`HTTP hook failed with statuscode: ${status}`);
  },
};
