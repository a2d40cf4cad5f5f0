/** The five fields of a schedule, each written out as numbers: parsers of cron disagree on the shorter ways to write. */
interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const bounds: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * A schedule that was found right (`scheduleFault`), as numbers and stars. A star is kept, because it matters: where
 * both the day of the month and of the week are given, either suffices.
 */
export function plainFields(schedule: string): string {
  const fields = (descriptors[schedule] ?? schedule).split(/\s+/).filter((field) => field !== '');
  return fields.map((field, i) => plainField(field, bounds[i] ?? { min: 0, max: 0 })).join(' ');
}

function plainField(field: string, { min, max, names }: Bounds): string {
  const numbers = new Set<number>();
  const numberOf = (text: string): number => {
    const position = names?.indexOf(text.toLowerCase()) ?? -1;
    return position < 0 ? Number(text) : position + min;
  };
  for (const part of field.split(',').filter((text) => text !== '')) {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const isStar = low === '*' || low === '?';
    if (isStar && Number(step ?? 1) === 1) return '*';
    const first = isStar ? min : numberOf(low);
    const last = high !== undefined ? numberOf(high) : isStar || step !== undefined ? max : first;
    for (let number = first; number <= last; number += Number(step ?? 1)) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b).join(',');
}
