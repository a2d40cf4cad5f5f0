import { containersWithPaths } from '../../../api/core/validation/all-containers.ts';
import type { Pod } from '../../../api/types/core.v1.ts';
import { root } from '../../../machinery/field-error.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { refusal } from '../refusals.ts';
import { allContainers } from './pod-references.ts';
import { isOf } from './pod-requests.ts';

/** Pulls images anew for every Pod: who cannot pull an image cannot run one that is on the node already. */
export class AlwaysPullImages implements AdmissionPlugin {
  readonly name = 'AlwaysPullImages';

  handles(kind: RequestKind): boolean {
    const isWrite = kind.operation === 'CREATE' || kind.operation === 'UPDATE';
    return isOf(kind, '', 'pods') && isWrite && ['', 'ephemeralcontainers'].includes(kind.subresource);
  }

  /** What came after the change may have taken it back. */
  validate(attributes: Attributes): void {
    const { spec } = attributes.object as Pod;
    for (const { container, at } of spec ? containersWithPaths(spec, root('spec')) : []) {
      if (container.imagePullPolicy === 'Always') continue;
      const error = at()
        .child('imagePullPolicy')
        .notSupported(container.imagePullPolicy ?? '', ['Always']);
      throw refusal(attributes, String(error));
    }
  }

  admit({ object }: Attributes): void {
    const { spec } = object as Pod;
    if (!spec) return;
    for (const container of allContainers(spec)) container.imagePullPolicy = 'Always';
    for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = 'Always';
  }
}
