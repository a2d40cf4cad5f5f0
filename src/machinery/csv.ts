/** One record of a CSV text and the line it begins in, counted from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads comma-separated values by the rules of RFC 4180 as Go's `encoding/csv` applies them: a quoted field may hold
 * commas, line breaks and doubled quotes, empty lines are skipped, spaces count. `refuse` is called with the line and a
 * sentence for a quote out of place, and must throw.
 */
export function parseCsv(text: string, refuse: (line: number, problem: string) => never): CsvRecord[] {
  const records: CsvRecord[] = [];
  // A byte order mark would otherwise belong to the first field.
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    if (text[at] === '\n' || text.startsWith('\r\n', at)) {
      at += text[at] === '\n' ? 1 : 2;
      line++;
      continue;
    }
    const firstLine = line;
    const fields: string[] = [];
    for (let isMore = true; isMore;) {
      if (text[at] === '"') {
        const quoted = readQuoted(text, at, line, refuse);
        fields.push(quoted.field);
        at = quoted.end;
        line += quoted.lineBreaks;
      } else {
        unquoted.lastIndex = at;
        const [field = ''] = unquoted.exec(text) ?? [];
        at += field.length;
        if (field.includes('"')) refuse(line, 'a bare " in a field that is not quoted');
        fields.push(at === text.length || text[at] === '\n' ? field.replace(/\r$/, '') : field);
      }
      isMore = text[at] === ',';
      if (isMore) at++;
    }
    if (text[at] === '\n') {
      at++;
      line++;
    }
    records.push({ line: firstLine, fields });
  }
  return records;
}

const unquoted = /[^,\n]*/y;

/** The quoted field that begins at `start`, and where the text goes on after it. */
function readQuoted(
  text: string,
  start: number,
  firstLine: number,
  refuse: (line: number, problem: string) => never,
): { field: string; end: number; lineBreaks: number } {
  let field = '';
  for (let at = start + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return refuse(firstLine, 'a quoted field that does not end');
    field += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    const lineBreaks = field.split('\n').length - 1;
    let end = quote + 1;
    if (text.startsWith('\r\n', end) || (text[end] === '\r' && end + 1 === text.length)) end++;
    const next = text[end];
    if (next !== undefined && next !== ',' && next !== '\n') {
      return refuse(firstLine + lineBreaks, 'text after the end of a quoted field');
    }
    return { field: field.replaceAll('\r\n', '\n'), end, lineBreaks };
  }
}
