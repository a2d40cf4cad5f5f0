import { badRequest, expired, StatusError } from '../../machinery/status.ts';
import { CompactedError, FutureRevisionError } from '../../store/contract.ts';
import type { Registry } from './registry.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The revision that `at` means: a revision's number, a time (RFC 3339), or how long ago (`90s`, `10m`, `2h`, `1d`).
 * Throws 400 for anything else, 410 for what history no longer holds.
 */
export async function revisionAt(registry: Registry, at: string): Promise<number> {
  const { store, clock } = registry;
  const { compactRevision } = store.status();
  if (/^\d+$/.test(at)) {
    const revision = Number(at);
    if (revision > store.revision) throw tooLarge(revision, store.revision);
    if (revision < compactRevision) throw tooOld(at, compactRevision);
    return revision;
  }
  const ago = /^(\d+(?:\.\d+)?)([smhd])$/.exec(at);
  const timeMs = ago === null ? Date.parse(at) : clock.now() - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? 0);
  if (Number.isNaN(timeMs)) {
    throw badRequest(`at=${at} is no moment: give a revision (1234), a time (2026-01-02T15:04:05Z) or an age (10m)`);
  }
  const revision = await store.revisionAt(timeMs);
  if (compactRevision > 0 && revision <= compactRevision) throw tooOld(at, compactRevision);
  return revision;
}

function tooOld(what: string, compactRevision: number): StatusError {
  return expired(`history does not reach back to ${what}: the oldest revision kept is ${compactRevision}`);
}

/** What a client is told that names a resource version from the future (upstream's NewTooLargeResourceVersionError). */
export function tooLarge(revision: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Too large resource version: ${revision}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** How long a read waits for a revision that has not been made yet: upstream's number. */
const futureWaitMs = 3000;

/** Resolves when the caches have seen a revision; throws 504 when it does not come in time. */
export async function waitForRevision(registry: Registry, revision: number): Promise<void> {
  const { feed, clock } = registry;
  if (feed.revision >= revision) return;
  const abort = new AbortController();
  await Promise.race([feed.reach(revision), clock.sleep(futureWaitMs, abort.signal).catch(() => {})]);
  abort.abort();
  if (feed.revision < revision) throw tooLarge(revision, feed.revision);
}

/** The Status for a read of the store that failed because of its revision. */
export function revisionError(error: unknown, revision: number, current: number): unknown {
  if (error instanceof CompactedError) {
    return expired(`The resourceVersion for the provided list is too old.`);
  }
  return error instanceof FutureRevisionError ? tooLarge(revision, current) : error;
}
