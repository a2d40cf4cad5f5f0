import type { ResourceDefinition } from '../../../api/contract.ts';
import type { OwnerReference } from '../../../api/types/meta.v1.ts';
import { deepEqual } from '../../../machinery/deep-equal.ts';
import type { AuthorizationAttributes, Authorizer } from '../../contract.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { refusal } from '../refusals.ts';
import { isOf } from './pod-requests.ts';

/** Asks of who names an object's owners, by which it can go or be kept from going, whether they may do that. */
export class OwnerReferencesPermissionEnforcement implements AdmissionPlugin {
  readonly name = 'OwnerReferencesPermissionEnforcement';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  handles(kind: RequestKind): boolean {
    // The status of a Pod cannot change its owners.
    if (isOf(kind, '', 'pods') && kind.subresource === 'status') return false;
    return kind.operation === 'CREATE' || kind.operation === 'UPDATE';
  }

  async validate(attributes: Attributes): Promise<void> {
    const owners = attributes.object?.metadata?.ownerReferences ?? [];
    const old = attributes.oldObject?.metadata?.ownerReferences ?? [];
    if (deepEqual(owners, old)) return;
    const { requestKind, name, operation } = attributes;
    // Who creates an object could make it without it being there for others to delete.
    if (operation === 'UPDATE') {
      const { group, version, resource, subresource } = requestKind;
      const reason = await this.#refusal(attributes, { verb: 'delete', group, version, resource, subresource, name });
      if (reason !== undefined) {
        throw refusal(attributes, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`);
      }
    }
    for (const owner of newlyBlocking(owners, old)) await this.#checkBlocking(attributes, owner);
  }

  /** A blocking owner waits for the object: who sets that must be able to set the owner's finalizers. */
  async #checkBlocking(attributes: Attributes, owner: OwnerReference): Promise<void> {
    const [group = '', version = ''] = owner.apiVersion.includes('/')
      ? owner.apiVersion.split('/')
      : ['', owner.apiVersion];
    const { definitions } = attributes.request.registry.catalog;
    const found = definitions.find((one) => one.group === group && one.version === version && one.kind === owner.kind);
    if (found === undefined) {
      const kind = `cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}`;
      const why = `no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`;
      throw refusal(attributes, `cannot set blockOwnerDeletion in this case because ${kind}: ${why}`);
    }
    const reason = await this.#refusal(attributes, {
      verb: 'update',
      group,
      version,
      resource: found.plural,
      subresource: 'finalizers',
      name: owner.name,
      definition: found,
    });
    if (reason === undefined) return;
    throw refusal(
      attributes,
      `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
    );
  }

  /** The authorizer's reason not to allow it; undefined when it does. */
  async #refusal({ user, namespace }: Attributes, asked: Asked): Promise<string | undefined> {
    const attributes: AuthorizationAttributes = {
      user,
      request: {
        isResourceRequest: true,
        path: '',
        verb: asked.verb,
        apiPrefix: asked.group === '' ? 'api' : 'apis',
        apiGroup: asked.group,
        apiVersion: asked.version,
        namespace: asked.definition?.namespaced === false ? '' : namespace,
        resource: asked.resource,
        subresource: asked.subresource,
        name: asked.name,
        remainder: '',
      },
    };
    const { verdict, reason } = await this.#authorizer.authorize(attributes);
    return verdict === 'allow' ? undefined : reason;
  }
}

interface Asked {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Where it is of another kind than the request. */
  readonly definition?: ResourceDefinition;
}

function newlyBlocking(owners: readonly OwnerReference[], old: readonly OwnerReference[]): OwnerReference[] {
  return owners.filter(
    ({ uid, blockOwnerDeletion }) =>
      blockOwnerDeletion === true && old.find((one) => one.uid === uid)?.blockOwnerDeletion !== true,
  );
}
