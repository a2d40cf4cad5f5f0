import type { UserInfo } from '../../api/contract.ts';
import { causeHeader, type Provenance } from '../../api/history.ts';
import type { Exchange } from '../contract.ts';

/** Names in the stored note are one letter long: it is kept with every revision. */
interface Note {
  readonly u: string;
  readonly a: string;
  readonly v: string;
  readonly i: string;
  readonly t?: string;
  readonly c?: number;
}

/** Longer user agents are cut: the note is bounded by the store. */
const maxTextLength = 256;
const traceparentPattern = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The provenance of what a request is about to write, as the bytes that the store keeps. */
export function noteOf(exchange: Exchange, user: UserInfo, verb: string): Uint8Array {
  const traceparent = exchange.header('traceparent');
  const cause = exchange.header(causeHeader);
  const note: Note = {
    u: user.username.slice(0, maxTextLength),
    a: (exchange.header('user-agent') ?? '').slice(0, maxTextLength),
    v: verb,
    i: exchange.auditId,
    ...(traceparent !== undefined && traceparentPattern.test(traceparent) ? { t: traceparent } : {}),
    ...(cause !== undefined && /^\d{1,15}$/.test(cause) ? { c: Number(cause) } : {}),
  };
  return Buffer.from(JSON.stringify(note), 'utf8');
}

/** Reads a stored note; undefined for a revision that something else than the API server made. */
export function provenanceOf(note: Uint8Array | undefined): Provenance | undefined {
  if (note === undefined) return undefined;
  try {
    const { u, a, v, i, t, c } = JSON.parse(Buffer.from(note).toString('utf8')) as Note;
    return {
      user: u,
      userAgent: a,
      verb: v,
      requestId: i,
      ...(t === undefined ? {} : { traceparent: t }),
      ...(c === undefined ? {} : { causeRevision: c }),
    };
  } catch {
    return undefined;
  }
}
