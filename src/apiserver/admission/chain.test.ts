import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubernetesObject } from '../../api/contract.ts';
import { realClock } from '../../machinery/clock.ts';
import { MetricsRegistry } from '../../machinery/metrics.ts';
import { badRequest, StatusError } from '../../machinery/status.ts';
import type { Store } from '../../store/contract.ts';
import { openMemoryStore } from '../../store/memory/index.ts';
import { InternalExchange } from '../http/internal.ts';
import type { ResourceRequest } from '../registry/request.ts';
import { auditAnnotationsOf } from './audit-annotations.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from './contract.ts';
import { AdmissionMetrics } from './metrics.ts';
import { AlwaysDeny } from './plugins/always.ts';
import { TestRegistry } from './test-registry.ts';

let store: Store;
let world: TestRegistry;
let request: ResourceRequest;

before(async () => {
  store = await openMemoryStore();
  world = new TestRegistry(store, () => []);
  request = await world.request('', 'configmaps', 'ns');
});
after(async () => {
  world.stop();
  await store.close();
});

/** Writes down what it is asked. */
class Witness implements AdmissionPlugin {
  readonly name: string;
  readonly #seen: string[];
  readonly #isSlow: boolean;

  constructor(name: string, seen: string[], isSlow = false) {
    this.name = name;
    this.#seen = seen;
    this.#isSlow = isSlow;
  }

  handles({ resource }: RequestKind): boolean {
    return resource === 'configmaps';
  }

  admit({ object }: Attributes): void | Promise<void> {
    return this.#note(`admit ${this.name} ${object?.metadata?.name ?? ''}`);
  }

  validate(): void | Promise<void> {
    return this.#note(`validate ${this.name}`);
  }

  #note(what: string): void | Promise<void> {
    if (!this.#isSlow) {
      this.#seen.push(what);
      return undefined;
    }
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#seen.push(what);
        resolve();
      }),
    );
  }
}

const object: KubernetesObject = { metadata: { name: 'c' } };

async function passed(chain: AdmissionChain): Promise<void> {
  const gate = chain.gate(request, 'CREATE', { dryRun: false });
  assert.ok(gate !== undefined);
  await gate.admit(object, undefined);
  await gate.validate(object, undefined);
}

describe('a chain', () => {
  test('asks all plugins in order, first to change and then to judge, whether they take their time or not', async () => {
    const seen: string[] = [];
    const plugins = [new Witness('a', seen), new Witness('b', seen, true), new Witness('c', seen)];
    await passed(new AdmissionChain(plugins, realClock));
    assert.deepEqual(seen, ['admit a c', 'admit b c', 'admit c c', 'validate a', 'validate b', 'validate c']);
  });

  test('is in nobody’s way whom no plugin concerns', async () => {
    const chain = new AdmissionChain([new Witness('a', [])], realClock);
    assert.equal(chain.gate(await world.request('', 'secrets', 'ns'), 'CREATE', { dryRun: false }), undefined);
  });

  test('decides at once where every plugin does', () => {
    const chain = new AdmissionChain([new Witness('a', [])], realClock);
    const gate = chain.gate(request, 'CREATE', { dryRun: false });
    assert.equal(gate?.admit(object, undefined), undefined);
  });

  test('ends with the first refusal', async () => {
    for (const isSlow of [false, true]) {
      const seen: string[] = [];
      const refuses: AdmissionPlugin = {
        name: 'refuses',
        handles: () => true,
        admit: () => {
          const refusal = badRequest('no');
          if (isSlow) return Promise.reject(refusal);
          throw refusal;
        },
      };
      const chain = new AdmissionChain([new Witness('a', seen), refuses, new Witness('b', seen)], realClock);
      await assert.rejects(passed(chain), { message: 'no' });
      assert.deepEqual(seen, ['admit a c']);
    }
  });

  test('loads what a plugin reads before it asks it', async () => {
    const seen: string[] = [];
    let isReady = false;
    const needy: AdmissionPlugin = {
      name: 'needy',
      handles: () => true,
      prepare: () => {
        if (isReady) return undefined;
        return new Promise((resolve) =>
          setImmediate(() => {
            isReady = true;
            resolve();
          }),
        );
      },
      admit: () => void seen.push(String(isReady)),
    };
    const chain = new AdmissionChain([needy], realClock);
    await passed(chain);
    await passed(chain);
    assert.deepEqual(seen, ['true', 'true']);
  });

  test('counts what it decides under upstream’s names', async () => {
    const registry = new MetricsRegistry();
    const chain = new AdmissionChain(
      [new Witness('W', []), new AlwaysDeny()],
      realClock,
      new AdmissionMetrics(registry),
    );
    await assert.rejects(passed(chain), StatusError);
    const text = registry.render();
    const controller = 'apiserver_admission_controller_admission_duration_seconds_count';
    const step = 'apiserver_admission_step_admission_duration_seconds_count';
    assert.ok(text.includes(`${controller}{name="W",type="admit",operation="CREATE",rejected="false"} 1`), text);
    assert.ok(
      text.includes(`${controller}{name="AlwaysDeny",type="admit",operation="CREATE",rejected="true"} 1`),
      text,
    );
    assert.ok(text.includes(`${step}{type="admit",operation="CREATE",rejected="true"} 1`), text);
  });
});

test('plugins see the options of a write, and those of a deletion', () => {
  const seen: (object | undefined)[] = [];
  const reads: AdmissionPlugin = {
    name: 'reads',
    handles: () => true,
    admit: ({ options }) => void seen.push(options),
  };
  const chain = new AdmissionChain([reads], realClock);
  const target = '/?dryRun=All&fieldManager=me&fieldValidation=Strict';
  const exchange = new InternalExchange({ method: 'POST', target, headers: {} });
  void chain.gate({ ...request, exchange }, 'CREATE', { dryRun: true })?.admit(object, undefined);
  void chain.gate(request, 'UPDATE', { dryRun: false })?.admit(object, object);
  void chain.gate(request, 'DELETE', { dryRun: false, options: { gracePeriodSeconds: 1 } })?.admit(undefined, object);
  const apiVersion = 'meta.k8s.io/v1';
  assert.deepEqual(seen, [
    { kind: 'CreateOptions', apiVersion, dryRun: ['All'], fieldManager: 'me', fieldValidation: 'Strict' },
    { kind: 'UpdateOptions', apiVersion },
    { gracePeriodSeconds: 1 },
  ]);
});

test('AlwaysDeny refuses everything', async () => {
  const chain = new AdmissionChain([new AlwaysDeny()], realClock);
  await assert.rejects(passed(chain), {
    code: 403,
    message: 'configmaps "c" is forbidden: admission control is denying all modifications',
  });
});

test('what plugins say for the audit is kept with the request; the first value of a key stays', async () => {
  const annotates: AdmissionPlugin = {
    name: 'annotates',
    handles: () => true,
    admit: (attributes) => attributes.addAuditAnnotation('example.com/a', 'first'),
    validate: (attributes) => attributes.addAuditAnnotation('example.com/a', 'second'),
  };
  await passed(new AdmissionChain([annotates], realClock));
  assert.deepEqual([...(auditAnnotationsOf(request.exchange) ?? [])], [['example.com/a', 'first']]);
});
