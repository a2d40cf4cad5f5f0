/**
 * Whether the annotation `controller.kubernetes.io/pod-deletion-cost` holds a number of 32 bits in its one form: no plus
 * sign, no leading zero.
 */
export function isDeletionCost(text: string): boolean {
  if (!/^(?:0|-[0-9]+|[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}
