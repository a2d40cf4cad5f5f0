/** Expressions that select devices (KEP-4381), in the Common Expression Language. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { Maybe } from '../../field-rules.ts';
import type { DeviceSelector } from '../../types/resource.v1.ts';
import { checkList } from './bounded-lists.ts';

const maxSelectors = 32;
const maxExpressionBytes = 10 * 1024;

/** @param isStored The selectors are those of the stored object: they were valid when they were written. */
export function checkSelectors(
  errors: FieldError[],
  path: Path,
  selectors: Maybe<DeviceSelector>,
  isStored: boolean,
): void {
  checkList(errors, path, selectors, maxSelectors, (found, at, { cel }) => {
    if (!cel) found.push(at.child('cel').required());
    else if (!isStored) checkSelectorExpression(found, at.child('cel', 'expression'), cel.expression ?? '');
  });
}

/** Of an expression itself only the length: whether it compiles is for `../selector-expressions.ts`, loaded on demand. */
function checkSelectorExpression(errors: FieldError[], path: Path, expression: string): void {
  if (Buffer.byteLength(expression) > maxExpressionBytes) errors.push(path.tooLong(expression, maxExpressionBytes));
}
