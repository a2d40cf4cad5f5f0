import { joinQuote, setters, sorted, type CheckedPod, type Violation } from './check.ts';

export function isAllowedSeccomp(type: string | undefined): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost';
}

/** A profile that switches system call filtering off, or an unknown one. */
export function badSeccomp({ spec, containers }: CheckedPod): Violation | undefined {
  const ofPod = spec.securityContext?.seccompProfile;
  const isBadPod = ofPod !== undefined && !isAllowedSeccomp(ofPod.type);
  const bad = containers.filter((one) => {
    const profile = one.securityContext?.seccompProfile;
    return profile !== undefined && !isAllowedSeccomp(profile.type);
  });
  const who = setters(isBadPod, bad);
  if (who === '') return undefined;
  const values = bad.map((one): string => one.securityContext?.seccompProfile?.type ?? '');
  if (isBadPod) values.push(ofPod.type);
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${joinQuote(sorted(values))}`,
  };
}
