/** From how many Nodes on, and up to how many, kubelets may remember Secrets and ConfigMaps for how long. */
interface Step {
  readonly min: number;
  readonly max: number;
  readonly ttlSeconds: number;
}

/** Upstream's; they overlap, so that a Node that comes and goes changes nothing. */
const steps: readonly Step[] = [
  { min: 0, max: 100, ttlSeconds: 0 },
  { min: 90, max: 500, ttlSeconds: 15 },
  { min: 450, max: 1000, ttlSeconds: 30 },
  { min: 900, max: 2000, ttlSeconds: 60 },
  { min: 1800, max: 10_000, ttlSeconds: 300 },
  { min: 9000, max: Infinity, ttlSeconds: 600 },
];

/** The next step for a size of the cluster. */
export function stepFor(nodeCount: number, current: number): number {
  let step = current;
  while (nodeCount > (steps[step]?.max ?? Infinity)) step++;
  while (nodeCount < (steps[step]?.min ?? 0)) step--;
  return step;
}

export function ttlSecondsOf(step: number): number {
  return steps[step]?.ttlSeconds ?? 0;
}
