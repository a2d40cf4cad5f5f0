/** Seccomp and AppArmor profiles, of Pods and of containers. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { AppArmorProfile, SeccompProfile } from '../../types/core.v1.ts';
import { checkLocalPath } from '../../field-rules.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const maxPathLength = 4095;

export function checkSeccompProfile(errors: FieldError[], path: Path, profile: SeccompProfile | undefined): void {
  if (!profile) return;
  const type: string = profile.type ?? '';
  const { localhostProfile } = profile;
  if (type === '') errors.push(path.child('type').required('type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) {
    errors.push(path.child('type').notSupported(type, profileTypes));
  }
  const at = path.child('localhostProfile');
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      errors.push(at.invalid(profile, 'can only be set when seccomp type is Localhost'));
    }
  } else if (localhostProfile === undefined) {
    errors.push(at.required('must be set when seccomp type is Localhost'));
  } else checkLocalPath(errors, at, localhostProfile);
}

export function checkAppArmorProfile(errors: FieldError[], path: Path, profile: AppArmorProfile | undefined): void {
  if (!profile) return;
  const type: string = profile.type ?? '';
  const { localhostProfile } = profile;
  const at = path.child('localhostProfile');
  if (type === 'Localhost') checkLocalhostProfile(errors, at, localhostProfile);
  else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile === undefined) return;
    errors.push(at.invalid(localhostProfile, 'can only be set when AppArmor type is Localhost'));
  } else if (type === '') errors.push(path.child('type').required('type is required when appArmorProfile is set'));
  else errors.push(path.child('type').notSupported(type, profileTypes));
}

function checkLocalhostProfile(errors: FieldError[], path: Path, profile: string | undefined): void {
  const trimmed = profile?.trim();
  if (profile !== trimmed) errors.push(path.invalid(profile, 'must not be padded with whitespace'));
  else if (!profile) errors.push(path.required('must be set when AppArmor type is Localhost'));
  if (profile !== undefined && Buffer.byteLength(profile) > maxPathLength) {
    errors.push(path.tooLong('', maxPathLength));
  }
}
