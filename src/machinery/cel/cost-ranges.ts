/** Ranges of sizes and costs. Sums and products stop at what stands for upstream's largest number. */
import type { CostEstimate, SizeEstimate } from './contract.ts';
import { unboundedSize } from './contract.ts';

/** From least to most. */
export type Range = SizeEstimate & CostEstimate;

function capped(value: number): number {
  return Math.min(value, unboundedSize);
}

export const noCost: Range = { min: 0, max: 0 };
export const unknown: Range = { min: 0, max: unboundedSize };

export function exactly(value: number): Range {
  return { min: value, max: value };
}

export function plus(a: Range, b: Range): Range {
  return { min: capped(a.min + b.min), max: capped(a.max + b.max) };
}

export function times(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) };
}

/** Rounded up to whole units. */
export function scaled(range: Range, factor: number): Range {
  return { min: capped(Math.ceil(range.min * factor)), max: capped(Math.ceil(range.max * factor)) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
