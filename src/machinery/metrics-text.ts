/** The text exposition format of Prometheus, version 0.0.4. */

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** A number as upstream's client library prints it: with an exponent below 0.0001 and from a million on. */
export function formatSample(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0' : '0';
  if (size >= 1e-4 && size < 1e6) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

export function escapeLabelValue(value: string): string {
  return value.replace(/[\\\n"]/g, (character) => escapes[character] ?? character);
}

export function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => escapes[character] ?? character);
}

/** `{verb="GET",code="200"}`, or nothing. */
export function formatLabels(names: readonly string[], values: readonly string[]): string {
  const pairs = names.map((name, index) => `${name}="${escapeLabelValue(values[index] ?? '')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
