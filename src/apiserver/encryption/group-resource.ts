/** A resource as a configuration names it: `secrets`, `deployments.apps`, `*.`, `*.apps`, `*.*`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export function parseGroupResource(text: string): GroupResource {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

/** The text of a resource, for errors and as a key. */
export function groupResourceText({ group, resource }: GroupResource): string {
  if (group !== '') return `${resource}.${group}`;
  return resource === '*' ? '*.' : resource;
}
