/** The flags of authorization, in upstream's names. */
import { authorizationModes } from '../authorization/modes.ts';
import type { AuthorizationMode } from '../authorization/modes.ts';
import type { AuthorizationOptions } from '../authorization/options.ts';
import { FlagError, flag, section } from '../../machinery/flags/flag-set.ts';
import type { FlagValues } from '../../machinery/flags/flag-set.ts';
import * as types from '../../machinery/flags/flag-types.ts';
import { FlagValueError } from '../../machinery/flags/flag-types.ts';
import type { FlagType } from '../../machinery/flags/flag-types.ts';

const modesToCome = new Set(['ABAC']);

const modes: FlagType<readonly AuthorizationMode[]> = {
  ...types.choices(authorizationModes),
  parse(value) {
    const missing = types.list.parse(value).find((mode) => modesToCome.has(mode));
    if (missing !== undefined) {
      throw new FlagValueError(`${missing} is not implemented yet; must be one of ${authorizationModes.join(', ')}`);
    }
    return types.choices(authorizationModes).parse(value);
  },
};

export const authorizationFlags = section('Authorization', {
  'authorization-mode': flag(
    modes,
    ['Node', 'RBAC'],
    `Who may do what is decided by these, one after the other: ${authorizationModes.join(', ')}.`,
  ),
});

type Values = FlagValues<typeof authorizationFlags>;

export function authorizationOptionsOf(values: Values): AuthorizationOptions {
  return { modes: values['authorization-mode'] };
}

/** Refuses what is right each for itself and wrong together. Throws FlagError. */
export function checkAuthorization(values: Values): void {
  const given = values['authorization-mode'];
  const duplicate = given.find((mode, index, all) => all.indexOf(mode) !== index);
  if (duplicate !== undefined) {
    throw new FlagError(`invalid argument for --authorization-mode: ${duplicate} is given more than once`);
  }
  if (given.length === 0) {
    throw new FlagError('invalid argument "" for --authorization-mode: at least one authorization-mode must be passed');
  }
}
