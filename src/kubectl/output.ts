/** An object or list in one of the forms that programs read. */
export async function serialized(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, undefined, 4)}\n`;
  const { dump } = await import('js-yaml');
  return dump(value, { lineWidth: -1, noRefs: true, sortKeys: true });
}
