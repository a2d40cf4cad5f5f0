import { parseTime } from './time.ts';

/** `5m` and, unless it is nothing, `30s`. */
function twoParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** A duration in two or three figures for a person, as kubectl's AGE columns show it: `5m30s`, `3d`, `2y18d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  // Clocks of two machines may differ a little: what is just ahead is now.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return twoParts(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return twoParts(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoParts(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? twoParts(years, 'y', days % 365, 'd') : `${years}y`;
}

/** The same in one unit: `5m`, `3d`, `2y`. */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}m`;
  const hours = Math.trunc(seconds / 3600);
  if (hours < 24) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  return days < 365 ? `${days}d` : `${Math.trunc(days / 365)}y`;
}

/** How long ago a timestamp was, for an AGE column; `<unknown>` when there is none. */
export function humanAge(timestamp: string | null | undefined, nowMs: number): string {
  return timestamp === undefined || timestamp === null ? '<unknown>' : humanDuration(nowMs - parseTime(timestamp));
}

/** How long it is until a timestamp; `<unknown>` when there is none. */
export function humanTimeUntil(timestamp: string | null | undefined, nowMs: number): string {
  return timestamp === undefined || timestamp === null ? '<unknown>' : humanDuration(parseTime(timestamp) - nowMs);
}
