import { LabelSelectorError } from '../machinery/label-requirement.ts';
import { LabelSelector, type LabelSelectorObject } from '../machinery/label-selector.ts';

/** A label selector in the selector syntax: empty for an absent or empty one, `<invalid>` for one that cannot be read. */
export function labelSelectorText(selector: LabelSelectorObject | null | undefined): string {
  try {
    return LabelSelector.fromObject(selector).toString();
  } catch (error) {
    if (error instanceof LabelSelectorError) return '<invalid>';
    throw error;
  }
}
