import type { Path } from '../../machinery/field-error.ts';
import type { PersistentVolumeClaimSpec } from '../types/core.v1.ts';
import { fractionalByteWarnings } from './quantities.ts';

/** Of what a PersistentVolumeClaim, or a template of one, asks for. */
export function claimSpecWarnings(spec: PersistentVolumeClaimSpec | null | undefined, path: Path): string[] {
  const { requests, limits } = spec?.resources ?? {};
  return [
    ...fractionalByteWarnings(requests, ['storage'], path.child('resources', 'requests')),
    ...fractionalByteWarnings(limits, ['storage'], path.child('resources', 'limits')),
  ];
}
