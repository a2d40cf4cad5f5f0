/** A container could not be started, or is not to be started yet: upstream's reasons for containers that wait. */
export class StartFailure extends Error {
  override name = 'StartFailure';
  readonly reason: string;
  /** When to try again; undefined: after the kubelet's usual delay. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: string, message: string, retryAfterMs?: number) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
