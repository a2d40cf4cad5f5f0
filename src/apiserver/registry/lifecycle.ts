import { forbidden, notFound, StatusError } from '../../machinery/status.ts';
import type { Namespace } from '../../api/types/core.v1.ts';
import { resourceOf, type ResourceRequest } from './request.ts';

const namespaces = { group: '', resource: 'namespaces' } as const;
/** Namespaces that the system cannot do without. */
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Refuses new content in a namespace that is not there or is going (the NamespaceLifecycle admission plugin). Throws
 * 404 or 403.
 */
export async function checkNamespaceAccepts(request: ResourceRequest, name: string): Promise<void> {
  const { registry, definition, info } = request;
  if (!definition.namespaced) return;
  const namespaceDefinition = registry.catalog.find('', 'v1', 'namespaces');
  if (namespaceDefinition === undefined) return;
  const cache = await registry.cacheOf(namespaceDefinition);
  const cached = cache.get(registry.keyFor(namespaceDefinition, '', info.namespace));
  if (cached === undefined) throw notFound(namespaces, info.namespace);
  // The phase is a selectable field: the object need not be parsed.
  if (cached.fields?.['status.phase'] !== 'Terminating') return;
  const { metadata } = cache.form.decode(cached.value, cached.revision) as Namespace;
  const { group, resource } = resourceOf(request);
  const refusal = forbidden(
    { group, resource },
    name,
    `unable to create new content in namespace ${info.namespace} because it is being terminated`,
  );
  throw new StatusError(refusal.code, refusal.reason, refusal.message, {
    details: {
      ...refusal.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${info.namespace} is being terminated${metadata?.deletionTimestamp === undefined ? '' : ` since ${metadata.deletionTimestamp}`}`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}

/** Refuses to delete a namespace that the system needs. Throws 403. */
export function checkMayDelete(request: ResourceRequest): void {
  const { definition, info } = request;
  if (definition.group === '' && definition.plural === 'namespaces' && immortal.has(info.name)) {
    throw forbidden(namespaces, info.name, 'this namespace may not be deleted');
  }
}
