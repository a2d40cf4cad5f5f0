/** Labels under an old name follow the new one, for whoever still selects by them. */
const oldNames: Readonly<Record<string, string>> = {
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
};

/** What has to be set; undefined: nothing. */
export function missingOldLabels(labels: Readonly<Record<string, string>> = {}): Record<string, string> | undefined {
  const missing: Record<string, string> = {};
  for (const [name, oldName] of Object.entries(oldNames)) {
    const value = labels[name];
    if (value !== undefined && labels[oldName] !== value) missing[oldName] = value;
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}
