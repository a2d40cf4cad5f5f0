/** Several errors as one text, as upstream's aggregates print. */
export function aggregated(errors: readonly string[]): string {
  const [only = ''] = errors;
  return errors.length === 1 ? only : `[${errors.join(', ')}]`;
}
