import type { LabelSelectorObject } from '../machinery/label-selector.ts';
import { isLabelValue } from '../machinery/names.ts';

/**
 * Whether the expressions of a stored selector hold values that no label can have. Such a selector was accepted once,
 * and an update may keep it.
 */
export function hasInvalidLabelValue(selector: LabelSelectorObject | null | undefined): boolean {
  for (const expression of selector?.matchExpressions ?? []) {
    for (const value of expression.values ?? []) if (isLabelValue(value).length > 0) return true;
  }
  return false;
}
