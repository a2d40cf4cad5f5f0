/** What `GET <object>?history` answers: an object's revisions, who made each, why, and what it changed. */

/** The header by which a component names the revision that it reacts to: it becomes the cause of what is written. */
export const causeHeader = 'kubets-cause-revision';

/** Who made a revision, how, and why. */
export interface Provenance {
  readonly user: string;
  readonly userAgent: string;
  /** `create`, `update`, `patch`, `delete` …, with the subresource after a slash. */
  readonly verb: string;
  /** The request's Audit-ID. */
  readonly requestId: string;
  /** W3C trace context that the request came with. */
  readonly traceparent?: string;
  /** The revision to which a component of ours reacted when it made this one. */
  readonly causeRevision?: number;
}

/** One field that differs between two states of an object. */
export interface Difference {
  /** `spec.containers[app].image`: list items are named by their `name`, or by position. */
  readonly path: string;
  /** Undefined: the field was not there. */
  readonly from?: unknown;
  /** Undefined: the field is gone. */
  readonly to?: unknown;
}

/** One revision of an object. */
export interface HistoryItem {
  readonly revision: string;
  readonly time: string;
  readonly type: 'created' | 'changed' | 'deleted';
  /** Absent when something else than the API server made the revision. */
  readonly provenance?: Provenance;
  /** Empty for the oldest revision that is kept: what it changed is no longer known. */
  readonly changes: readonly Difference[];
}

/** Revisions of one object, the newest first. */
export interface ObjectHistory {
  readonly kind: 'ObjectHistory';
  readonly apiVersion: 'history.kubets.dev/v1';
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly continue?: string };
  /** History before this revision is gone. */
  readonly oldestRevision: string;
  readonly items: readonly HistoryItem[];
}
