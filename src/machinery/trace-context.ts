import type { Random } from './random.ts';

/** Where a request stands in a trace (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero: the span that sent the request. */
  readonly parentId: string;
  /** Whether the sender records the trace. */
  readonly isSampled: boolean;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;
/** The header of version 00 has 55 characters; a later version may add to it, but not without end. */
const maxLength = 512;

/** Reads a `traceparent` header; undefined when it is absent or not valid, which must be ignored. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.length > maxLength) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', rest] = pattern.exec(header) ?? [];
  if (version === undefined || version === 'ff' || zeros.test(traceId) || zeros.test(parentId)) return undefined;
  // Only a version that is not known yet may say more.
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, parentId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Writes a `traceparent` header, version 00. */
export function formatTraceparent({ traceId, parentId, isSampled }: TraceContext): string {
  return `00-${traceId}-${parentId}-${isSampled ? '01' : '00'}`;
}

function randomHex(random: Random, bytes: number): string {
  for (;;) {
    const text = Buffer.from(random.bytes(bytes)).toString('hex');
    if (!zeros.test(text)) return text;
  }
}

/** A new trace. */
export function startTrace(random: Random, isSampled = false): TraceContext {
  return { traceId: randomHex(random, 16), parentId: randomHex(random, 8), isSampled };
}

/** The same trace one step on: what is sent with a request that this one causes. */
export function continueTrace(context: TraceContext, random: Random): TraceContext {
  return { ...context, parentId: randomHex(random, 8) };
}
