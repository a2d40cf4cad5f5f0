/** Tables of figures, for people: in the terminal and in RESULTS.md. */
import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import type { Figure } from './contract.ts';
import { machineText } from './machine.ts';
import type { Machine } from './machine.ts';

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const title = `# Results

Each run of \`npm run bench\` is appended here. Figures of two runs compare only when the machine and its load do; the
ratios to the bare server (\`bench/bare.ts\`), measured in the same run, compare better.
`;

/** Three significant digits and no exponent: more would be noise. */
export function formatValue(value: number, unit: string): string {
  if (Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? text : `${text} ${unit}`;
}

/** `ROW: COLUMN` figures side by side, the others one to a row, in the order in which they came. */
export function tableOf(figures: readonly Figure[]): Table {
  const columns: string[] = [];
  const rows = new Map<string, Map<string, string>>();
  for (const { name, value, unit } of figures) {
    const colon = name.lastIndexOf(': ');
    const row = colon < 0 ? name : name.slice(0, colon);
    const column = colon < 0 ? '' : name.slice(colon + 2);
    if (!columns.includes(column)) columns.push(column);
    const cells = rows.get(row) ?? new Map<string, string>();
    rows.set(row, cells.set(column, formatValue(value, unit)));
  }
  return {
    columns: ['', ...columns],
    rows: [...rows].map(([row, cells]) => [row, ...columns.map((column) => cells.get(column) ?? '')]),
  };
}

export function textTable({ columns, rows }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [columns, ...rows].map(line).join('\n');
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

/** A run as a section of RESULTS.md. */
export function sectionOf(
  machine: Machine,
  results: readonly { readonly benchmark: string; readonly figures: readonly Figure[] }[],
): string {
  const parts = results.map(({ benchmark, figures }) => `### ${benchmark}\n\n${markdownTable(tableOf(figures))}\n`);
  return `\n## ${machine.date}, ${machine.commit}\n\n${machineText(machine)}\n\n${parts.join('\n')}`;
}

export async function appendSection(path: string, section: string): Promise<void> {
  if (!existsSync(path)) await writeFile(path, title);
  await appendFile(path, section);
}
