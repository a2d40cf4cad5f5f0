import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { CustomResourceDefinition } from '../types/apiextensions.v1.ts';

function defaults({ spec }: CustomResourceDefinition): void {
  if (spec === undefined || spec === null) return;
  if (spec.names) {
    if (!spec.names.singular) spec.names.singular = (spec.names.kind ?? '').toLowerCase();
    if (!spec.names.listKind && spec.names.kind) spec.names.listKind = `${spec.names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}

export const customresourcedefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  allowUnconditionalUpdate: false,
  storage: { prefix: 'apiextensions.k8s.io/customresourcedefinitions' },
  defaults,
  subresources: { status: statusOnlySubresource() },
  notImplemented: 'custom resources are not implemented yet: a CustomResourceDefinition would have no effect',
});
