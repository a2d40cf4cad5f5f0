/** When a container is started again (KEP-5307, KEP-5532). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { Container } from '../../types/core.v1.ts';
import { listOf } from '../../field-rules.ts';

const policies = ['Always', 'OnFailure', 'Never'];
const actions = ['Restart', 'RestartAllContainers'];
const operators = ['In', 'NotIn'];
const maxRules = 20;
const maxExitCodes = 255;

/** @param path Of the container. */
export function checkContainerRestart(
  errors: FieldError[],
  path: Path,
  { restartPolicy, restartPolicyRules }: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
): void {
  const rules = listOf(restartPolicyRules);
  if (restartPolicy === undefined) {
    if (rules.length > 0) {
      errors.push(path.child('restartPolicy').required('must specify restartPolicy when restart rules are used'));
    }
  } else if (!policies.includes(restartPolicy)) {
    errors.push(path.child('restartPolicy').notSupported(restartPolicy, policies));
  }
  if (rules.length > maxRules) errors.push(path.child('restartPolicyRules').tooLong(rules, maxRules));
  for (const [index, { action = '', exitCodes }] of rules.entries()) {
    const at = path.child('restartPolicyRules').index(index);
    if (!actions.includes(action)) errors.push(at.child('action').notSupported(action, actions));
    if (!exitCodes) {
      errors.push(at.child('exitCodes').required('must be specified'));
      continue;
    }
    const operator: string = exitCodes.operator ?? '';
    if (!operators.includes(operator)) {
      errors.push(at.child('exitCodes', 'operator').notSupported(operator, operators));
    }
    const values = listOf(exitCodes.values);
    if (values.length > maxExitCodes) errors.push(at.child('exitCodes', 'values').tooLong(values, maxExitCodes));
  }
}
