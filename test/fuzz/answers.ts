import type { WireAnswer, WireRequest } from '../support/wire.ts';

/** What is wrong with an answer, whatever was asked. */
export function problemOf({ method, path }: WireRequest, { status, headers, body }: WireAnswer): string | undefined {
  const text = body.toString('utf8');
  // 501: not implemented, and said so. 504: a version that is yet to come.
  if (status >= 500 && status !== 501 && status !== 504) return `status ${status}: ${text}`;
  if (status < 200) return `status ${status}`;
  if (method === 'HEAD') return undefined;
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  if (!isJson || headers['content-encoding'] !== undefined || (isWatch(path) && text === '')) return undefined;
  try {
    for (const document of documentsOf(path, status, text)) {
      const value = JSON.parse(document) as { kind?: string; code?: number; status?: string };
      if (status >= 400 && (value.kind !== 'Status' || value.code !== status || value.status !== 'Failure')) {
        return `status ${status}, but this is not its Status: ${text}`;
      }
    }
  } catch (error) {
    return `not JSON (${String(error)}): ${text.slice(0, 2000)}`;
  }
  return undefined;
}

/** Whether a path may ask for a watch, which goes on until somebody ends it. */
export function isWatch(path: string): boolean {
  return /[?&]watch=|^\/apis?\/.*\/watch\//.test(path);
}

/** A watch sends one document a line; the last one may be cut off. */
function documentsOf(path: string, status: number, text: string): string[] {
  return isWatch(path) && status === 200 && !text.startsWith('{\n') ? text.split('\n').slice(0, -1) : [text];
}
