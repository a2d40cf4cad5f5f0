import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { RingBuffer } from '../../../machinery/bounded.ts';
import { RuntimeError, type LogLine, type LogOptions } from '../../contract.ts';

/** `2026-01-02T03:04:05.123456789Z stdout F text` (the CRI logging format). */
const linePattern = /^(\S+) (stdout|stderr) ([^ ]*) ?(.*)$/s;

function nanosecondsOf(timestamp: string): bigint {
  const [, seconds = '', fraction = '', zone = 'Z'] =
    /^([^.]+?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp) ?? [];
  const ms = Date.parse(seconds + zone);
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** The lines of a container's log. Parts of a long line come together as one. */
export async function* readLog(path: string, { follow, tailLines, sinceMs }: LogOptions): AsyncGenerator<LogLine> {
  if (follow === true) throw new RuntimeError('Unimplemented', 'following a log over CRI is not implemented yet');
  const kept = tailLines === undefined || tailLines === 0 ? undefined : new RingBuffer<LogLine>(tailLines);
  if (tailLines === 0) return;
  for await (const line of completeLines(path)) {
    if (sinceMs !== undefined && line.timestamp < BigInt(sinceMs) * 1_000_000n) continue;
    if (kept === undefined) yield line;
    else kept.push(line);
  }
  for (let line = kept?.shift(); line !== undefined; line = kept?.shift()) yield line;
}

async function* completeLines(path: string): AsyncGenerator<LogLine> {
  const partial = new Map<string, string>();
  const input = createReadStream(path, 'utf8');
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const [, timestamp = '', stream, tags = '', rest = ''] = linePattern.exec(text) ?? [];
    if (stream !== 'stdout' && stream !== 'stderr') continue;
    const line = (partial.get(stream) ?? '') + rest;
    // P: the line goes on.
    if (tags.split(':')[0] === 'P') {
      partial.set(stream, line);
      continue;
    }
    partial.delete(stream);
    yield { stream, timestamp: nanosecondsOf(timestamp), line };
  }
}
