/** For the tests of this folder: a Registry over a store in memory, with a chain of the plugins that a test is about. */
import { builtinCatalog } from '../../api/catalog.ts';
import type { KubernetesObject, UserInfo } from '../../api/contract.ts';
import { realClock } from '../../machinery/clock.ts';
import { seededRandom } from '../../machinery/random.ts';
import type { Store } from '../../store/contract.ts';
import { InternalExchange } from '../http/internal.ts';
import { createObject } from '../registry/create.ts';
import { Registry } from '../registry/registry.ts';
import type { ResourceRequest } from '../registry/request.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionPlugin } from './contract.ts';

const catalog = builtinCatalog();

export class TestRegistry {
  readonly registry: Registry;

  /** @param makePlugins The plugins, in order. */
  constructor(store: Store, makePlugins: (registry: Registry) => readonly AdmissionPlugin[]) {
    this.registry = new Registry({
      store,
      catalog,
      clock: realClock,
      random: seededRandom(1),
      eventTtlSeconds: 3600,
      minRequestTimeoutMs: 1000,
      admission: (registry) => new AdmissionChain(makePlugins(registry), realClock),
      onFailure: (error) => {
        throw error;
      },
    });
  }

  /** A request to create an object of a resource of the newest version. */
  async request(group: string, plural: string, namespace: string, user?: UserInfo): Promise<ResourceRequest> {
    const definition = catalog.definitions.find((one) => one.group === group && one.plural === plural);
    if (definition === undefined) throw new Error(`no ${plural}`);
    return {
      registry: this.registry,
      definition,
      cache: await this.registry.cacheOf(definition),
      exchange: new InternalExchange({ method: 'POST', target: '/', headers: {} }),
      user: user ?? { username: 'test', groups: [] },
      info: {
        isResourceRequest: true,
        path: '',
        verb: 'create',
        apiPrefix: group === '' ? 'api' : 'apis',
        apiGroup: group,
        apiVersion: definition.version,
        namespace,
        resource: plural,
        subresource: '',
        name: '',
        remainder: '',
      },
    };
  }

  async create(group: string, plural: string, namespace: string, object: KubernetesObject): Promise<CachedObject> {
    return createObject(await this.request(group, plural, namespace), object, false);
  }

  stop(): void {
    this.registry.stop();
  }
}
