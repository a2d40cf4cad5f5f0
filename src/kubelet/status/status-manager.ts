import type { Pod, PodStatus } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { pods } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import { kubeletConditions } from './conditions.ts';
import { statusPatch } from './status-patch.ts';

export interface StatusManagerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface Entry {
  pod: Pod;
  /** What the API is to show. */
  wanted: PodStatus | undefined;
  /** What it showed last, and as of which revision. */
  shown: PodStatus;
  revision: string;
  writing: Promise<void> | undefined;
  /** Lets the write begin at once. */
  begin: (() => void) | undefined;
}

/**
 * So long a status waits before it is written, for what follows at once: a container that starts in no time is not
 * shown as being created first.
 */
const gatherMs = 0;
/** Upstream's: what could not be written is tried again when statuses are looked through. */
const retryMs = 10_000;

/** Brings the status of Pods into the API: patches of what changed, one at a time for each Pod. */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #entries = new Map<string, Entry>();
  /** Those with something new to write, and what wakes them all. */
  #gathered: Entry[] = [];

  constructor(options: StatusManagerOptions) {
    this.#options = options;
  }

  /** What was last asked to be shown. */
  wanted(podUid: string): PodStatus | undefined {
    return this.#entries.get(podUid)?.wanted;
  }

  /** The status is written in the background; nothing when it is shown already. */
  set(pod: Pod, status: PodStatus): void {
    const entry = this.#entryOf(pod);
    entry.wanted = status;
    if (entry.writing !== undefined) return;
    const begin = Promise.withResolvers<void>();
    entry.begin = begin.resolve;
    entry.writing = begin.promise.then(() => this.#write(entry));
    this.#gathered.push(entry);
    if (this.#gathered.length === 1) this.#options.clock.setTimeout(() => this.#begin(), gatherMs);
  }

  #begin(): void {
    const entries = this.#gathered;
    this.#gathered = [];
    for (const { begin } of entries) begin?.();
  }

  /** Tells of the Pod as the API has it now: what somebody else made of our part of its status is put right. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid ?? '');
    const { resourceVersion } = pod.metadata;
    // Most of what comes is what was written from here.
    if (entry === undefined || resourceVersion === entry.revision || isOlder(resourceVersion, entry.revision)) return;
    show(entry, pod);
    if (entry.wanted === undefined || entry.writing !== undefined || patchOf(entry) === undefined) return;
    this.set(pod, entry.wanted);
  }

  /** Resolves when what was set has been written, or cannot be. */
  async flush(podUid: string): Promise<void> {
    const entry = this.#entries.get(podUid);
    entry?.begin?.();
    await entry?.writing;
  }

  /** The Pod is gone. */
  forget(podUid: string): void {
    this.#entries.delete(podUid);
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    this.#begin();
    await Promise.all([...this.#entries.values()].map(({ writing }) => writing));
  }

  #entryOf(pod: Pod): Entry {
    const { uid = '', resourceVersion = '' } = pod.metadata;
    let entry = this.#entries.get(uid);
    if (entry === undefined) {
      entry = {
        pod,
        wanted: undefined,
        shown: pod.status ?? {},
        revision: resourceVersion,
        writing: undefined,
        begin: undefined,
      };
      this.#entries.set(uid, entry);
    } else if (!isOlder(resourceVersion, entry.revision)) show(entry, pod);
    return entry;
  }

  async #write(entry: Entry): Promise<void> {
    try {
      await this.#writeAll(entry);
    } finally {
      // Right after it was seen that nothing is left to write: nothing that is set now is lost.
      entry.writing = undefined;
    }
  }

  async #writeAll(entry: Entry): Promise<void> {
    const { client, clock, log, signal } = this.#options;
    for (let patch = patchOf(entry); patch !== undefined && !signal.aborted; patch = patchOf(entry)) {
      const { uid = '', name = '', namespace, resourceVersion } = entry.pod.metadata;
      try {
        const body = { metadata: { uid }, status: patch };
        const written = await client
          .causedBy(resourceVersion)
          .patch(pods, namespace, name, 'strategic', body, { subresource: 'status', signal });
        show(entry, written);
      } catch (error) {
        if (signal.aborted) return;
        // It is gone, or another one has its name.
        if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return;
        log.v(2)?.info('A status could not be written', { pod: name, namespace, error: String(error) });
        await clock.sleep(retryMs, signal).catch(() => {});
      }
    }
  }
}

function show(entry: Entry, pod: Pod): void {
  entry.pod = pod;
  entry.shown = pod.status ?? {};
  entry.revision = pod.metadata.resourceVersion ?? '';
}

/** Revisions of one resource can be compared (KEP-5504). */
function isOlder(revision = '', than: string): boolean {
  if (revision.length !== than.length) return revision.length < than.length;
  return revision < than;
}

/** Conditions of others are taken as they are shown: they may have changed since the status was made. */
function patchOf({ wanted, shown }: Entry): ReturnType<typeof statusPatch> {
  if (wanted === undefined) return undefined;
  const foreign = (shown.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type));
  const own = (wanted.conditions ?? []).filter(({ type }) => kubeletConditions.has(type));
  const { resize, resources, allocatedResources, nodeAllocatableResourceClaimStatuses } = shown;
  const others = { resize, resources, allocatedResources, nodeAllocatableResourceClaimStatuses };
  return statusPatch(shown, { ...others, ...wanted, conditions: [...foreign, ...own] });
}
