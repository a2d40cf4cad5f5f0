import type { Difference, HistoryItem, ObjectHistory, Provenance } from '../../api/history.ts';
import { humanDuration } from '../../machinery/human-duration.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';
import { printable } from '../printable.ts';

/** Longer values are cut; `-o json` has them whole. */
const maxValueLength = 160;

/** An object's revisions for people: a heading for each, then one line for each field that changed. */
export function historyText(history: ObjectHistory, nowMs: number): string {
  const { items, metadata, oldestRevision } = history;
  const isWhole = metadata.continue === undefined;
  return items
    .map((item, index) => {
      const lines = [heading(item, nowMs), ...causes(item.provenance), ...item.changes.map(changeText)];
      if (isWhole && index === items.length - 1 && item.type === 'changed') {
        lines.push(`what it changed is no longer known: history is kept from revision ${oldestRevision}`);
      }
      return `${lines.join('\n  ')}\n`;
    })
    .join('\n');
}

/** `2m10s ago   2026-01-02T15:04:05Z   revision 1234   changed by jane with kubectl/v1.36.0 (patch)` */
function heading({ time, revision, type, provenance }: HistoryItem, nowMs: number): string {
  const madeMs = parseTime(time);
  // The clocks of server and client may differ: what is ahead was made now.
  const age = humanDuration(Math.max(0, nowMs - madeMs));
  const parts = [`${age} ago`, formatTime(madeMs), `revision ${revision}`, type];
  if (provenance === undefined) return parts.join('   ');
  const { user, userAgent, verb } = provenance;
  const agent = userAgent.split(' ', 1)[0] ?? '';
  return `${parts.join('   ')} by ${printable(user)}${agent === '' ? '' : ` with ${printable(agent)}`} (${printable(verb)})`;
}

function causes(provenance: Provenance | undefined): string[] {
  if (provenance === undefined) return [];
  const { causeRevision, traceparent } = provenance;
  return [
    ...(causeRevision === undefined ? [] : [`caused by revision ${causeRevision}`]),
    ...(traceparent === undefined ? [] : [`trace ${traceparent.split('-')[1] ?? traceparent}`]),
  ];
}

function changeText({ path, from, to }: Difference): string {
  return `${printable(path)}: ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  const text = printable(JSON.stringify(value));
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text;
}
