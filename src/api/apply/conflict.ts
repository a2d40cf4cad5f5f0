import { quote } from '../../machinery/quote.ts';
import { applyConflict, type StatusError } from '../../machinery/status.ts';
import type { Manager, ManagerId } from './managers.ts';
import { printPath, type PathElement } from './path-element.ts';

/** A field that somebody applies with another value than its owner gave it. */
export interface Conflict {
  /** Who owns it. */
  readonly manager: ManagerId;
  readonly path: readonly PathElement[];
}

function printManager(id: ManagerId): string {
  const { manager = '', operation, apiVersion = '', subresource = '' } = JSON.parse(id) as Partial<Manager>;
  const name = subresource === '' ? quote(manager) : `${quote(manager)} with subresource ${quote(subresource)}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

function message(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${printPath(first.path)}`;
  }
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager);
  const lines = [...byManager.keys()]
    .sort()
    .flatMap((id) => [
      `conflicts with ${printManager(id)}:`,
      ...(byManager.get(id) ?? []).map(({ path }) => `- ${printPath(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** The 409 of an apply that would take fields from their owners; it has a cause for each field. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printPath(path),
  }));
  return applyConflict(causes, message(conflicts));
}
