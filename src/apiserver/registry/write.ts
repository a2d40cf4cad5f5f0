import type { KubernetesObject } from '../../api/contract.ts';
import { deepEqual } from '../../machinery/deep-equal.ts';
import {
  alreadyExists,
  conflict,
  internalError,
  objectModified,
  requestEntityTooLarge,
  serverTimeout,
  serviceUnavailable,
} from '../../machinery/status.ts';
import {
  NoSpaceError,
  RequestTooLargeError,
  StoreClosedError,
  type RequestOp,
  type TxnResponse,
} from '../../store/contract.ts';
import { limits } from '../contract.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { indexRecordOf } from '../watch/cached-object.ts';
import { bytesOf } from './convert.ts';
import { isUnchanged } from './unchanged.ts';
import { noteOf } from './provenance.ts';
import type { ObjectForm } from './object-bytes.ts';
import { requestKey, resourceOf, type ResourceRequest } from './request.ts';
import type { Alongside, Reservation } from './write-hook.ts';

/** A conflict with a write that came in between: whoever may, reads again and retries. */
export class StaleRevisionError extends Error {
  override name = 'StaleRevisionError';
}

function verbOf({ info }: ResourceRequest): string {
  return info.subresource === '' ? info.verb : `${info.verb} ${info.subresource}`;
}

const alone: Alongside = { compare: [], success: [] };

async function commit(
  request: ResourceRequest,
  key: string,
  expectedRevision: number,
  operation: RequestOp,
  alongside: Alongside = alone,
): Promise<TxnResponse> {
  try {
    const response = await request.registry.store.txn({
      compare: [
        expectedRevision === 0
          ? { key, target: 'create', result: 'equal', operand: 0 }
          : { key, target: 'mod', result: 'equal', operand: expectedRevision },
        ...alongside.compare,
      ],
      success: [operation, ...alongside.success],
      // Tells which of the conditions did not hold.
      ...(alongside.compare.length === 0 ? {} : { failure: [{ type: 'range', range: { key } }] }),
      note: noteOf(request.exchange, request.user, verbOf(request)),
    });
    const [current] = response.responses;
    if (!response.succeeded && current?.type === 'range') {
      const revision = current.range.kvs[0]?.modRevision ?? 0;
      // The object is as expected: what is written alongside is not, and another choice will do.
      if (revision === expectedRevision) throw serverTimeout(resourceOf(request), request.info.verb, 1);
    }
    return response;
  } catch (error) {
    if (error instanceof RequestTooLargeError) throw requestEntityTooLarge(error.message);
    if (error instanceof StoreClosedError) throw serviceUnavailable('the server is shutting down');
    if (error instanceof NoSpaceError) throw internalError(error);
    throw error;
  } finally {
    request.cache.unexpect(key);
  }
}

/** Writes an object's bytes over the revision that was read; 0: over nothing. */
async function put(
  request: ResourceRequest,
  key: string,
  expectedRevision: number,
  value: Buffer,
  stored: KubernetesObject,
  alongside: Alongside | undefined,
): Promise<TxnResponse> {
  const { registry, cache, definition } = request;
  // An object that goes by itself is given a new lease of life with every write, as upstream does.
  const lease = definition.expires === true ? await registry.eventLeases.lease() : undefined;
  cache.expect(key, value, stored);
  const operation: RequestOp = { type: 'put', put: lease === undefined ? { key, value } : { key, value, lease } };
  return commit(request, key, expectedRevision, operation, alongside);
}

function encodeChecked(
  { definition, cache }: ResourceRequest,
  object: KubernetesObject,
): { readonly value: Buffer; readonly stored: KubernetesObject } {
  const encoded = bytesOf(definition, cache, object);
  if (encoded.value.length > limits.objectBytes) {
    throw requestEntityTooLarge(`an object may have ${limits.objectBytes} bytes, this one has ${encoded.value.length}`);
  }
  return encoded;
}

/**
 * The object as it will be once stored, for an answer to a dry run: at the revision it has now. One that would be new has
 * the revision 0, which is shown as none.
 */
function unwritten({ cache }: ResourceRequest, key: string, value: Buffer, stored: KubernetesObject): CachedObject {
  const revision = cache.get(key)?.revision ?? 0;
  return { key, revision, value, ...indexRecordOf(stored, {}) };
}

/**
 * Stores a new object under the key of its name. Throws AlreadyExists. With `dryRun` nothing is stored.
 * @param key Where: differs from the request's when the name was generated.
 */
export async function commitCreate(
  request: ResourceRequest,
  key: string,
  object: KubernetesObject,
  dryRun: boolean,
  reservation?: Reservation,
): Promise<CachedObject> {
  const { cache } = request;
  const { value, stored } = encodeChecked(request, object);
  const name = object.metadata?.name ?? '';
  if (dryRun) {
    if (cache.get(key) !== undefined) throw alreadyExists(resourceOf(request), name);
    return unwritten(request, key, value, stored);
  }
  const response = await put(request, key, 0, value, stored, reservation?.alongside(object));
  if (!response.succeeded) throw alreadyExists(resourceOf(request), name);
  return { key, revision: response.revision, value, ...indexRecordOf(stored, {}) };
}

/** Whether two states are the same. Their fields may stand in another order, but not take more or fewer bytes. */
function isSame(form: ObjectForm, value: Buffer, old: Uint8Array): boolean {
  if (value.length !== old.length) return false;
  return value.equals(old) || deepEqual(form.decode(value, 0), form.decode(old, 0));
}

export interface UpdateOptions {
  readonly reservation?: Reservation | undefined;
  /** `old`, parsed, where that is at hand. */
  readonly oldObject?: KubernetesObject;
}

/**
 * Replaces an object that was read at a revision. An object that would not change is not written. Throws
 * StaleRevisionError when another write came first.
 */
export async function commitUpdate(
  request: ResourceRequest,
  old: CachedObject,
  object: KubernetesObject,
  dryRun: boolean,
  { reservation, oldObject }: UpdateOptions = {},
): Promise<CachedObject> {
  const { cache, definition, registry } = request;
  const isStale = registry.isStale(old);
  // Of what is stored as it is seen, the parsed forms tell; to encode and to parse again would take several times as long.
  const isSeenAsStored = oldObject !== undefined && definition.storage?.convert === undefined;
  if (!isStale && isSeenAsStored && isUnchanged(object, oldObject)) return old;
  const { value, stored } = encodeChecked(request, object);
  if (!isStale && !isSeenAsStored && isSame(cache.form, value, old.value)) return old;
  if (dryRun) return unwritten(request, old.key, value, stored);
  const response = await put(request, old.key, old.revision, value, stored, reservation?.alongside(object));
  if (!response.succeeded) throw new StaleRevisionError();
  return { ...old, revision: response.revision, value };
}

/** Removes an object that was read at a revision; returns the revision of its deletion. Throws StaleRevisionError. */
export async function commitDelete(request: ResourceRequest, old: CachedObject): Promise<number> {
  const hook = request.registry.hooks.of(request.definition);
  const response = await commit(
    request,
    old.key,
    old.revision,
    { type: 'deleteRange', deleteRange: { key: old.key } },
    hook === undefined ? alone : { compare: [], success: hook.removal(request, old) },
  );
  if (!response.succeeded) throw new StaleRevisionError();
  return response.revision;
}

/** Upstream gives up after so many rounds against a busy object, too. */
const maxAttempts = 5;

/**
 * Runs a read-change-write round until no other write comes in between.
 * @param isUnconditional Whether the client left the choice of revision to us; otherwise a lost race is its conflict.
 */
export async function retryStale<T>(
  request: ResourceRequest,
  isUnconditional: boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error;
      if (!isUnconditional || attempts >= maxAttempts) {
        throw conflict(resourceOf(request), request.info.name, objectModified);
      }
      await request.registry.feed.catchUp();
    }
  }
}

/** The object that the path names, as of now. */
export function currentObject(request: ResourceRequest): CachedObject | undefined {
  return request.cache.get(requestKey(request));
}
