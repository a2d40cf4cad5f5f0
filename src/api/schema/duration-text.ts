import { DurationError, formatDuration, parseDuration } from '../../machinery/duration.ts';
import { DecodeError } from './decode-error.ts';

/**
 * A `metav1.Duration` as Go prints it: `90m` becomes `1h30m0s`.
 * Throws a DecodeError with the text of Go's `time.ParseDuration`.
 */
export function normaliseDuration(text: string): string {
  try {
    return formatDuration(parseDuration(text));
  } catch (error) {
    throw error instanceof DurationError ? new DecodeError(error.message) : error;
  }
}
