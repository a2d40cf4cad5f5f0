/** RFC 3339 in whole seconds, as every time of `metav1` is written. */
export function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, -'.000Z'.length)}Z`;
}
