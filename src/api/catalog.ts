import { admissionregistrationDefinitions } from './admissionregistration/index.ts';
import { apiextensionsDefinitions } from './apiextensions/index.ts';
import { apiregistrationDefinitions } from './apiregistration/index.ts';
import { appsDefinitions } from './apps/index.ts';
import { authenticationDefinitions } from './authentication/index.ts';
import { authorizationDefinitions } from './authorization/index.ts';
import { autoscalingDefinitions } from './autoscaling/index.ts';
import { batchDefinitions } from './batch/index.ts';
import { certificatesDefinitions } from './certificates/index.ts';
import type { ResourceCatalog, ResourceDefinition } from './contract.ts';
import { coordinationDefinitions } from './coordination/index.ts';
import { coreDefinitions } from './core/index.ts';
import { discoveryDefinitions } from './discovery/index.ts';
import { eventsDefinitions } from './events/index.ts';
import { flowcontrolDefinitions } from './flowcontrol/index.ts';
import { compareGroups, compareVersions } from './group-order.ts';
import { networkingDefinitions } from './networking/index.ts';
import { nodeDefinitions } from './node/index.ts';
import { policyDefinitions } from './policy/index.ts';
import { rbacDefinitions } from './rbac/index.ts';
import { resourceDefinitions } from './resource/index.ts';
import { schedulingDefinitions } from './scheduling/index.ts';
import { storageDefinitions } from './storage/index.ts';

function keyOf({ group, version, plural }: Pick<ResourceDefinition, 'group' | 'version' | 'plural'>): string {
  return `${group}/${version}/${plural}`;
}

/** By group, then version, then plural: the order of discovery. */
function compareDefinitions(a: ResourceDefinition, b: ResourceDefinition): number {
  return (
    compareGroups(a.group, b.group) ||
    compareVersions(a.version, b.version) ||
    (a.plural < b.plural ? -1 : a.plural > b.plural ? 1 : 0)
  );
}

/** The definitions that are served now, in the order of discovery. They can be added and removed at any time. */
export class Catalog implements ResourceCatalog {
  readonly #byKey = new Map<string, ResourceDefinition>();
  /** Replaced, never changed, so that a reader may keep the array it got. */
  #definitions: readonly ResourceDefinition[] = [];
  #generation = 0;

  /** Throws an Error when two definitions are of the same resource. */
  constructor(definitions: readonly ResourceDefinition[] = []) {
    this.add(...definitions);
  }

  get generation(): number {
    return this.#generation;
  }

  get definitions(): readonly ResourceDefinition[] {
    return this.#definitions;
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#byKey.get(`${group}/${version}/${plural}`);
  }

  /** Serves them all from now on. Throws an Error, and serves none of them, when one is of a resource that is served. */
  add(...definitions: readonly ResourceDefinition[]): void {
    if (definitions.length === 0) return;
    const keys = new Set(this.#byKey.keys());
    for (const definition of definitions) {
      const key = keyOf(definition);
      if (keys.has(key)) throw new Error(`${key} is already defined`);
      keys.add(key);
    }
    for (const definition of definitions) this.#byKey.set(keyOf(definition), definition);
    this.#changed();
  }

  /** Serves a resource no longer. Says whether it was served. */
  remove(group: string, version: string, plural: string): boolean {
    if (!this.#byKey.delete(`${group}/${version}/${plural}`)) return false;
    this.#changed();
    return true;
  }

  #changed(): void {
    this.#definitions = [...this.#byKey.values()].sort(compareDefinitions);
    this.#generation += 1;
  }
}

/** What Kubernetes v1.36 serves by default: the stable version of every group. */
export function builtinCatalog(): Catalog {
  return new Catalog([
    ...coreDefinitions,
    ...apiregistrationDefinitions,
    ...appsDefinitions,
    ...eventsDefinitions,
    ...authenticationDefinitions,
    ...authorizationDefinitions,
    ...autoscalingDefinitions,
    ...batchDefinitions,
    ...certificatesDefinitions,
    ...networkingDefinitions,
    ...policyDefinitions,
    ...rbacDefinitions,
    ...storageDefinitions,
    ...admissionregistrationDefinitions,
    ...apiextensionsDefinitions,
    ...schedulingDefinitions,
    ...coordinationDefinitions,
    ...nodeDefinitions,
    ...discoveryDefinitions,
    ...resourceDefinitions,
    ...flowcontrolDefinitions,
  ]);
}
