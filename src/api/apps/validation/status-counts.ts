import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateNonnegative } from '../../field-rules.ts';

interface Counted {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

/**
 * The numbers in a workload's status: none below zero, those of `within` no more than there are replicas, and no more
 * available than ready ones.
 */
export function validateCounts<K extends string>(
  status: Counted & Readonly<Partial<Record<K, number>>>,
  fields: readonly K[],
  within: readonly K[],
  moreThanReady: string,
  path: Path,
  errors: FieldError[],
): void {
  for (const field of fields) validateNonnegative(status[field], path.child(field), errors);
  const replicas = status.replicas ?? 0;
  for (const field of within) {
    const count = status[field] ?? 0;
    if (count > replicas) errors.push(path.child(field).invalid(count, 'cannot be greater than status.replicas'));
  }
  const available = status.availableReplicas ?? 0;
  if (available > (status.readyReplicas ?? 0)) {
    errors.push(path.child('availableReplicas').invalid(available, moreThanReady));
  }
}

/** A count of collisions only grows: names are made of it. */
export function validateCollisionCount(
  count: number | null | undefined,
  old: number | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  const value = count ?? undefined;
  const before = old ?? undefined;
  if (before === undefined || (value !== undefined && value >= before)) return;
  errors.push(path.child('collisionCount').invalid(value ?? 0, 'cannot be decremented'));
}
