import { DurationError, parseDurationMs } from '../machinery/duration.ts';
import { badRequest } from '../machinery/status.ts';

/** How long the client waits, by the `timeout` of its query, in milliseconds; undefined when it does not say. Throws 400. */
export function parseRequestTimeoutMs(query: URLSearchParams): number | undefined {
  const text = query.get('timeout');
  if (text === null || text === '') return undefined;
  try {
    const milliseconds = parseDurationMs(text);
    return milliseconds > 0 ? milliseconds : undefined;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw badRequest(`invalid timeout specified in the request URL - ${error.message}`, error);
  }
}
