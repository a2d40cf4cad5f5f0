/** Field management of `scale` subresources: a Scale is managed as itself, and what comes of it is put into its object. */
import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { decodeLenient, trackUpdate, type FieldManagement } from '../../api/apply/field-manager.ts';
import type { JsonMap } from '../../api/apply/json.ts';
import { encodeManagers, type Managers } from '../../api/apply/managers.ts';
import { fieldElement } from '../../api/apply/path-element.ts';
import { managersAfterScale, managersOfScale, type ReplicasPath } from '../../api/apply/scale-fields.ts';
import { typeNodeOf } from '../../api/apply/type-node.ts';
import type { ObjectSchema } from '../../api/schema/schema.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta.v1.ts';
import { formatTime } from '../../machinery/time.ts';
import { managerOf, setManagedFields } from './managed-fields.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ResourceRequest } from './request.ts';

const usualPath = ['spec', 'replicas'];

function pathIn({ catalog }: Registry, { storage }: ResourceDefinition): ReplicasPath {
  return (apiVersion) => {
    const definition = catalog.definitions.find(
      (one) => one.storage?.prefix === storage?.prefix && apiVersionOf(one) === apiVersion,
    );
    if (definition === undefined) return undefined;
    const scale = Object.values(definition.subresources).find(({ shape }) => shape === 'scale');
    return ((scale?.shape === 'scale' ? scale.replicasPath : undefined) ?? usualPath).map(fieldElement);
  };
}

/** The managers of one object while its Scale is written. */
export class ScaleFields {
  readonly management: FieldManagement;
  readonly #request: ResourceRequest;
  readonly #managers: Managers;
  readonly #pathIn: ReplicasPath;

  /** @param old The object whose Scale is written. */
  constructor(request: ResourceRequest, schema: ObjectSchema, old: KubernetesObject) {
    this.#request = request;
    this.#managers = decodeLenient(old.metadata?.managedFields);
    this.#pathIn = pathIn(request.registry, request.definition);
    this.management = {
      scope: {
        apiVersion: 'autoscaling/v1',
        node: typeNodeOf(schema),
        view: () => undefined,
        keep: () => undefined,
      },
      subresource: 'scale',
      time: formatTime(request.registry.clock.now()),
    };
  }

  /** Those of the Scale as it is. */
  get entries(): ManagedFieldsEntry[] | undefined {
    return encodeManagers(managersOfScale(this.#managers, this.#pathIn));
  }

  /** Those of the Scale as a request other than apply writes it. */
  track(live: object, scale: object): ManagedFieldsEntry[] | undefined {
    return trackUpdate(this.management, {
      live: live as JsonMap,
      liveEntries: this.entries,
      creates: false,
      object: scale as JsonMap,
      sentEntries: undefined,
      manager: managerOf(this.#request.exchange),
    });
  }

  /** Gives the object the managers that its Scale has now. */
  settle(object: KubernetesObject, entries: readonly ManagedFieldsEntry[] | undefined): void {
    const apiVersion = apiVersionOf(this.#request.definition);
    const managers = managersAfterScale(this.#managers, decodeLenient(entries), this.#pathIn, apiVersion);
    setManagedFields(object, encodeManagers(managers));
  }
}
