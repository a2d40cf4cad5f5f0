import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatLogText, Logger } from '../../../machinery/logging.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import type { Opened } from '../contract.ts';
import { KmsProvider } from './kms-provider.ts';
import type { KmsService } from './service.ts';

const place = '/registry/secrets/default/s';

/** A plugin whose cipher is to write backwards. */
class FakeService implements KmsService {
  keyId = 'key-1';
  isDown = false;
  decryptions = 0;
  encryptions = 0;

  async status(): ReturnType<KmsService['status']> {
    this.#check();
    return { version: 'v2', healthz: 'ok', keyId: this.keyId };
  }
  async encrypt(_uid: string, plaintext: Uint8Array): ReturnType<KmsService['encrypt']> {
    this.#check();
    this.encryptions++;
    return { ciphertext: Uint8Array.from(plaintext).reverse(), keyId: this.keyId, annotations: {} };
  }
  async decrypt(_uid: string, { ciphertext }: Parameters<KmsService['decrypt']>[1]): Promise<Uint8Array> {
    this.#check();
    this.decryptions++;
    return Uint8Array.from(ciphertext).reverse();
  }
  close(): void {}

  #check(): void {
    if (this.isDown) throw new Error('connection refused');
  }
}

function providerOf(service: KmsService, clock: VirtualClock): KmsProvider {
  const log = Logger.create({
    component: 'test',
    clock,
    sink: { write: () => {} },
    format: formatLogText,
    verbosity: 0,
  });
  return new KmsProvider({ name: 'vault', service, clock, log });
}

async function textOf(opened: Opened | Promise<Opened>): Promise<string> {
  return Buffer.from((await opened).value).toString();
}

describe('a KMS provider', () => {
  test('writes with one seed until the plugin has another key', async () => {
    const [service, clock] = [new FakeService(), new VirtualClock()];
    const provider = providerOf(service, clock);
    assert.throws(() => provider.seal(Buffer.from('v'), place), /got unexpected nil transformer/);
    await provider.poll();
    const first = provider.seal(Buffer.from('one'), place);
    const { mark } = provider;
    await clock.advance(60_000);
    assert.equal(service.encryptions, 1);
    assert.equal(provider.mark, mark);
    service.keyId = 'key-2';
    await clock.advance(60_000);
    assert.equal(service.encryptions, 2);
    assert.notEqual(provider.mark, mark);
    const opened = provider.open(first, place);
    assert.ok(!(opened instanceof Promise), 'its seed is at hand');
    assert.equal(opened.mark, mark);
    assert.equal(await textOf(opened), 'one');
    assert.equal(service.decryptions, 0);
    provider.close();
  });

  test('writes for three minutes more when the plugin is gone, and reads what it knows', async () => {
    const [service, clock] = [new FakeService(), new VirtualClock()];
    const provider = providerOf(service, clock);
    await provider.poll();
    const sealed = provider.seal(Buffer.from('v'), place);
    service.isDown = true;
    await clock.advance(100_000);
    assert.match(
      provider.problem ?? '',
      /status section of the healthz check for KMS Provider vault, error: connection refused/,
    );
    provider.seal(Buffer.from('v'), place);
    await clock.advance(100_000);
    assert.throws(
      () => provider.seal(Buffer.from('v'), place),
      /^Error: encryptedDEKSource with keyID hash "sha256:[0-9a-f]{64}" expired at /,
    );
    assert.equal(await textOf(provider.open(sealed, place)), 'v');
    service.isDown = false;
    await clock.advance(10_000);
    assert.equal(provider.problem, undefined);
    provider.seal(Buffer.from('v'), place);
    provider.close();
  });

  test('asks once for a seed that many values need', async () => {
    const [service, clock] = [new FakeService(), new VirtualClock()];
    const before = providerOf(service, clock);
    await before.poll();
    const sealed = ['a', 'b', 'c'].map((text) => before.seal(Buffer.from(text), place));
    before.close();
    const provider = providerOf(service, clock);
    const opened = await Promise.all(sealed.map((value) => textOf(provider.open(value, place))));
    assert.deepEqual(opened, ['a', 'b', 'c']);
    assert.equal(service.decryptions, 1);
    service.isDown = true;
    await assert.rejects(
      async () => providerOf(service, clock).open(sealed[0] ?? Buffer.alloc(0), place),
      /^Error: failed to decrypt DEK, error: connection refused$/,
    );
    provider.close();
  });
});
