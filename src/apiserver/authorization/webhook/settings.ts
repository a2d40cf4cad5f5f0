/** How one webhook is asked. */
export interface WebhookSettings {
  /** In metrics and logs. */
  readonly name: string;
  /** The kubeconfig file that says where it is. */
  readonly kubeConfigFile: string;
  /** Of the SubjectAccessReview that is sent. */
  readonly version: 'v1' | 'v1beta1';
  readonly timeoutMs: number;
  /** How long an answer is kept; undefined: not at all. */
  readonly authorizedTtlMs: number | undefined;
  readonly unauthorizedTtlMs: number | undefined;
  /** What counts when it cannot be asked. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  /** CEL over `request`; the webhook is asked when all hold. */
  readonly matchConditions: readonly string[];
}

/** Upstream's bound on a webhook of the older flags. */
export const legacyTimeoutMs = 30_000;
