import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import type { Compare, RequestOp } from '../../store/contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceRequest } from './request.ts';

/** What else a transaction checks and writes. */
export interface Alongside {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
}

/** What a hook holds for one write, from before its validation until it is over. */
export interface Reservation {
  /** What belongs into the same transaction; `object` is as it will be stored, its name included. */
  alongside(object: KubernetesObject): Alongside;
  /** Called once, whether the write succeeded, failed or was a dry run. */
  release(): void;
}

/** The write that a hook is told of. */
export interface PendingWrite {
  /** As the kind's strategy made it. The hook completes it. */
  readonly object: KubernetesObject;
  /** The stored object; undefined when a new one is created. */
  readonly old: KubernetesObject | undefined;
  readonly dryRun: boolean;
}

/**
 * A step in the writes of one kind, between its strategy and its validation, for what objects of the kind must not
 * share: addresses and ports of Services. Writes through subresources pass `reserve` by.
 */
export interface WriteHook {
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  /** Completes the object and holds what it got. Throws (or rejects with) a StatusError to refuse the write. */
  reserve(request: ResourceRequest, write: PendingWrite): Reservation | Promise<Reservation>;
  /** Judges a write through a subresource, before its validation. Throws (or rejects with) a StatusError to refuse it. */
  checkView?(request: ResourceRequest, write: PendingWrite): Promise<void> | undefined;
  /** What goes with an object that is removed. */
  removal(request: ResourceRequest, old: CachedObject): readonly RequestOp[];
}

/** Hooks by kind. */
export class WriteHooks {
  readonly #byKind = new Map<string, WriteHook>();

  constructor(hooks: readonly WriteHook[]) {
    for (const hook of hooks) this.#byKind.set(`${hook.resource}.${hook.group}`, hook);
  }

  of({ group, plural }: ResourceDefinition): WriteHook | undefined {
    return this.#byKind.size === 0 ? undefined : this.#byKind.get(`${plural}.${group}`);
  }
}
