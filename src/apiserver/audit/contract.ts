/**
 * Auditing: who asked for what, when, from where, and what came of it
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/). A policy says how much is recorded of a request, and at
 * which of its stages; backends keep the events.
 */
import type { AuditEvent } from './event.ts';

export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof auditStages)[number];

/** How one request is audited. */
export interface RequestAuditConfig {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<string>;
  readonly omitManagedFields: boolean;
}

/** Takes events. */
export interface AuditBackend {
  /**
   * False when events were not kept though requests depend on it (the mode blocking-strict). A promise when it takes
   * time; it does not reject.
   */
  process(events: readonly AuditEvent[]): boolean | Promise<boolean>;
  /** Gives away what is still held, then releases everything. */
  close(): Promise<void>;
}

/** Told of events that were lost. */
export type AuditFailure = (plugin: string, lost: number, error: unknown) => void;
