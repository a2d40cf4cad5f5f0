import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { isQualifiedName } from '../../../machinery/names.ts';
import type { Namespace } from '../../types/core.v1.ts';

const finalizersPath = root('spec').child('finalizers');
const standardFinalizers: ReadonlySet<string> = new Set(['foregroundDeletion', 'kubernetes', 'orphan']);

function validateFinalizer(finalizer: string, path: Path, errors: FieldError[]): void {
  for (const sentence of isQualifiedName(finalizer)) errors.push(path.invalid(finalizer, sentence));
  if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return;
  errors.push(path.invalid(finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
}

export function validateNamespace({ spec }: Namespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of spec?.finalizers ?? []) validateFinalizer(finalizer, finalizersPath, errors);
  return errors;
}

/** Through `finalize`, which alone may change them. */
export function validateNamespaceFinalizers({ spec }: Namespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, finalizer] of (spec?.finalizers ?? []).entries()) {
    validateFinalizer(finalizer, finalizersPath.index(index), errors);
  }
  return errors;
}

/** The phase says whether the namespace is being deleted, and nothing else. */
export function validateNamespaceStatus({ metadata, status }: Namespace): FieldError[] {
  const phase = status?.phase ?? '';
  const path = root('status').child('Phase');
  if (!metadata?.deletionTimestamp) {
    return phase === 'Active' ? [] : [path.invalid(phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  }
  if (phase === 'Terminating') return [];
  return [path.invalid(phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
}
