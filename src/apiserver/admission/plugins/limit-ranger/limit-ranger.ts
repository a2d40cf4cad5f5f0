import type { LimitRange, PersistentVolumeClaim, Pod } from '../../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { aggregated, refusal } from '../../refusals.ts';
import { isOf, isOfPods } from '../pod-requests.ts';
import { maximumRequest, minimum, violations } from './constraints.ts';
import { podViolations, setPodDefaults } from './pod-limits.ts';

/** Holds Pods and claims of a namespace to its LimitRanges. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #ranges: Lister<LimitRange>;

  constructor(ranges: Lister<LimitRange>) {
    this.#ranges = ranges;
  }

  handles(kind: RequestKind): boolean {
    const { operation, subresource } = kind;
    // Containers do not change but through `resize`.
    if (isOfPods(kind, 'CREATE')) return true;
    if (isOf(kind, '', 'pods')) return subresource === 'resize' && operation === 'UPDATE';
    const isWrite = operation === 'CREATE' || operation === 'UPDATE';
    return isOf(kind, '', 'persistentvolumeclaims') && subresource === '' && isWrite;
  }

  prepare(): Promise<void> | undefined {
    return this.#ranges.load();
  }

  admit(attributes: Attributes): void {
    if (attributes.requestKind.resource !== 'pods') return;
    for (const range of this.#rangesFor(attributes)) setPodDefaults(attributes.object as Pod, range);
  }

  validate(attributes: Attributes): void {
    for (const range of this.#rangesFor(attributes)) {
      const found =
        attributes.requestKind.resource === 'pods'
          ? podViolations((attributes.object as Pod).spec ?? { containers: null }, range)
          : claimViolations(attributes.object as PersistentVolumeClaim, range);
      if (found.length > 0) throw refusal(attributes, aggregated(found));
    }
  }

  #rangesFor({ namespace, oldObject }: Attributes): LimitRange[] {
    // What is going is let go, whatever it asks for.
    return oldObject?.metadata?.deletionTimestamp === undefined ? this.#ranges.list(namespace) : [];
  }
}

function claimViolations({ spec }: PersistentVolumeClaim, range: LimitRange): string[] {
  const asked = { requests: spec?.resources?.requests ?? {}, limits: {} };
  return (range.spec?.limits ?? [])
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...violations(minimum, type, min, asked),
      ...violations(maximumRequest, type, max, asked),
    ]);
}
