import { StatusError } from '../machinery/status.ts';

/** Upstream's `retry.DefaultRetry`. */
const maxAttempts = 5;

export function hasReason(error: unknown, reason: StatusError['reason']): boolean {
  return error instanceof StatusError && error.reason === reason;
}

/** Runs a read-change-write round again while another write came in between. `attempt` must read anew each time. */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts >= maxAttempts || !hasReason(error, 'Conflict')) throw error;
    }
  }
}
