export const auditModes = ['batch', 'blocking', 'blocking-strict'] as const;
export type AuditMode = (typeof auditModes)[number];

/** What both backends can be told. */
export interface AuditBackendOptions {
  readonly mode: AuditMode;
  readonly batch: {
    readonly bufferSize: number;
    readonly maxBatchSize: number;
    readonly maxBatchWaitMs: number;
    readonly throttle: { readonly perSecond: number; readonly burst: number } | undefined;
  };
  /** Undefined: events are as large as they are. */
  readonly truncate: { readonly maxEventBytes: number; readonly maxBatchBytes: number } | undefined;
}

export interface AuditOptions {
  /** Undefined: nothing is audited. */
  readonly policyFile: string | undefined;
  readonly log:
    | (AuditBackendOptions & {
        /** `-`: standard output. */
        readonly path: string;
        readonly maxAgeDays: number;
        readonly maxBackups: number;
        readonly maxSizeMebibytes: number;
        readonly compress: boolean;
      })
    | undefined;
  readonly webhook:
    | (AuditBackendOptions & { readonly configFile: string; readonly initialBackoffMs: number })
    | undefined;
}
