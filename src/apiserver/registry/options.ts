import type { FieldError } from '../../machinery/field-error.ts';
import { root } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import { badRequest, invalid } from '../../machinery/status.ts';

/** How unknown and duplicate fields of a request body are met (KEP-2885). */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string;
}

const metaGroup = 'meta.k8s.io';
/** Upstream's bound on a field manager's name. */
const maxFieldManagerLength = 128;

function parseBool(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null) return false;
  // Upstream's conversion from query text: everything but these is true.
  return text !== '0' && text.toLowerCase() !== 'false' && !(text === '' && name !== 'watch');
}

function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const reason = integerError(text, minInt64, maxInt64);
  if (reason !== undefined) throw badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${reason}`);
  return Number(text);
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const maxUint64 = 2n ** 64n - 1n;
/** Of the largest of these. */
const maxDigits = 20;

/** Why Go reads no integer of such a size from a text. */
function integerError(text: string, min: bigint, max: bigint): string | undefined {
  if (!(min < 0n ? /^[+-]?\d+$/ : /^\d+$/).test(text)) return 'invalid syntax';
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > maxDigits) return 'value out of range';
  const magnitude = BigInt(digits);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return value < min || value > max ? 'value out of range' : undefined;
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [root('dryRun').notSupported(values, ['All'])];
}

function fieldManagerErrors(manager: string): FieldError[] {
  const path = root('fieldManager');
  const errors: FieldError[] = [];
  if (manager.length > maxFieldManagerLength) errors.push(path.tooLong('', maxFieldManagerLength));
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager))
    errors.push(path.invalid(manager, 'should only contain printable characters'));
  return errors;
}

/**
 * The options that create, update and patch share, from the query.
 * @param kind `CreateOptions`, `UpdateOptions`, `PatchOptions`: what a refusal calls them.
 */
export function parseWriteOptions(query: URLSearchParams, kind: string): WriteOptions {
  if (query.size === 0) return { dryRun: false, fieldValidation: 'Warn', fieldManager: '' };
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const errors = [...fieldManagerErrors(fieldManager), ...dryRunErrors(dryRun)];
  if (fieldValidation !== 'Ignore' && fieldValidation !== 'Warn' && fieldValidation !== 'Strict') {
    errors.push(root('fieldValidation').notSupported(fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
    throw invalid({ group: metaGroup, kind }, '', errors);
  }
  if (errors.length > 0) throw invalid({ group: metaGroup, kind }, '', errors);
  return { dryRun: dryRun.length > 0, fieldValidation, fieldManager };
}

/** What an apply says beside that. */
export interface ApplyOptions extends WriteOptions {
  readonly force: boolean;
}

export function parseApplyOptions(query: URLSearchParams): ApplyOptions {
  const options = parseWriteOptions(query, 'PatchOptions');
  if (options.fieldManager === '') {
    throw invalid({ group: metaGroup, kind: 'PatchOptions' }, '', [
      root('fieldManager').required('is required for apply patch'),
    ]);
  }
  return { ...options, force: parseBool(query, 'force') };
}

/** The options of a patch other than apply. */
export function parsePatchOptions(query: URLSearchParams): WriteOptions {
  const options = parseWriteOptions(query, 'PatchOptions');
  if (query.has('force')) {
    throw invalid({ group: metaGroup, kind: 'PatchOptions' }, '', [
      root('force').forbidden('may not be specified for non-apply patch'),
    ]);
  }
  return options;
}

/** `metav1.DeleteOptions`, from the query or the body. */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
}

export function deleteOptionsOfQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = parseInteger(query, 'gracePeriodSeconds');
  if (grace !== undefined) options.gracePeriodSeconds = grace;
  if (query.has('orphanDependents')) options.orphanDependents = parseBool(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  if (policy !== null && policy !== '') options.propagationPolicy = policy;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) options.dryRun = dryRun;
  return options;
}

const propagationPolicies = ['Foreground', 'Background', 'Orphan'] as const;

export function checkDeleteOptions(options: DeleteOptions): void {
  const errors = dryRunErrors(options.dryRun ?? []);
  if (options.propagationPolicy !== undefined && options.orphanDependents !== undefined) {
    errors.push(
      root('propagationPolicy').invalid(
        options.propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  }
  if (
    options.propagationPolicy !== undefined &&
    !propagationPolicies.some((policy) => policy === options.propagationPolicy)
  ) {
    errors.push(root('propagationPolicy').notSupported(options.propagationPolicy, [...propagationPolicies, 'nil']));
  }
  if (errors.length > 0) throw invalid({ group: metaGroup, kind: 'DeleteOptions' }, '', errors);
}

export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  /** '' when not given. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  readonly timeoutSeconds: number | undefined;
}

export function parseListOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const limit = parseInteger(query, 'limit') ?? 0;
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitialEvents = query.has('sendInitialEvents') ? parseBool(query, 'sendInitialEvents') : undefined;
  const options = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: Math.max(0, limit),
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    watch,
    allowWatchBookmarks: parseBool(query, 'allowWatchBookmarks'),
    sendInitialEvents,
    timeoutSeconds: parseInteger(query, 'timeoutSeconds'),
  };
  const errors = matchErrors(match, options, watch);
  if (errors.length > 0) throw invalid({ group: metaGroup, kind: 'ListOptions' }, '', errors);
  return { ...options, resourceVersionMatch: match === 'Exact' || match === 'NotOlderThan' ? match : '' };
}

/** Upstream's rules on what may be combined (`ValidateListOptions`). */
function matchErrors(
  match: string,
  options: Pick<ListOptions, 'continueToken' | 'resourceVersion' | 'sendInitialEvents'>,
  watch: boolean,
): FieldError[] {
  const path = root('resourceVersionMatch');
  if (watch) {
    if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
      const name = 'sendInitialEvents';
      return match === ''
        ? [path.forbidden(`${name} requires setting resourceVersionMatch to NotOlderThan`)]
        : [path.notSupported(match, ['NotOlderThan'])];
    }
    if (match !== '' && options.sendInitialEvents === undefined) {
      return [path.forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
    }
    return [];
  }
  const errors: FieldError[] = [];
  if (options.sendInitialEvents !== undefined) {
    errors.push(root('sendInitialEvents').forbidden('sendInitialEvents is forbidden for list'));
  }
  if (match === '') return errors;
  if (options.resourceVersion === '') {
    errors.push(path.forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (options.continueToken !== '') {
    errors.push(path.forbidden('resourceVersionMatch is forbidden when continue is provided'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(path.notSupported(match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && options.resourceVersion === '0') {
    errors.push(path.forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

/** A `resourceVersion` parameter as a revision; undefined when absent. Throws upstream's 400. */
export function parseResourceVersion(text: string): number | undefined {
  if (text === '') return undefined;
  const reason = integerError(text, 0n, maxUint64);
  if (reason !== undefined) {
    // Upstream's text; its 500 would blame the server for what the client sent.
    const detail = `strconv.ParseUint: parsing ${quote(text)}: ${reason}`;
    throw badRequest(String(root('resourceVersion').invalid(text, detail)));
  }
  return Number(text);
}
