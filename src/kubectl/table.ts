import type { Table } from '../api/types/meta.v1.ts';
import { printable } from './printable.ts';

/** Between columns. */
const gap = '   ';

export interface TableLayout {
  /** Columns of lower priority too. */
  readonly wide: boolean;
  /** A first column with each row's namespace. */
  readonly withNamespace: boolean;
}

/** Rows for people as kubectl lays them out: titles in capitals, columns as wide as they must be. */
export function tableText(table: Table, { wide, withNamespace }: TableLayout): string {
  const { columnDefinitions, rows } = table;
  const shown = (columnDefinitions ?? [])
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => wide || column.priority === 0);
  const lines = [shown.map(({ column }) => column.name.toUpperCase())];
  for (const row of rows ?? []) lines.push(shown.map(({ index }) => cellText(row.cells?.[index])));
  if (withNamespace) {
    lines[0]?.unshift('NAMESPACE');
    for (const [index, row] of (rows ?? []).entries()) {
      const { metadata } = (row.object ?? {}) as { metadata?: { namespace?: string } };
      lines[index + 1]?.unshift(metadata?.namespace ?? '');
    }
  }
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join(gap)
          .trimEnd()}\n`,
    )
    .join('');
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '<none>';
  return printable(typeof cell === 'string' ? cell : JSON.stringify(cell));
}
