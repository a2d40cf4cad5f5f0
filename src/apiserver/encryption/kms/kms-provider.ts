import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { BoundedCache } from '../../../machinery/bounded.ts';
import type { Clock, Timer } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logging.ts';
import { formatTime } from '../../../machinery/time.ts';
import type { Opened, ValueTransformer } from '../contract.ts';
import {
  checkEncryptedObject,
  decodeEncryptedObject,
  dekSourceTypes,
  encodeEncryptedObject,
  keyIdProblem,
  type EncryptedObject,
} from './encrypted-object.ts';
import { KeyCipher, SeedCipher, seedBytes } from './seed.ts';
import type { KmsService, KmsStatus } from './service.ts';
import { encodeMessage, mapFields } from './wire.ts';

export interface KmsProviderOptions {
  readonly name: string;
  readonly service: KmsService;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when a key is not at hand and the plugin is asked for it. */
  onCacheMiss?(): void;
}

/** Upstream's: how often a plugin that is well is asked, and one that is not. */
const pollMs = 60_000;
const failedPollMs = 10_000;
/** How long a seed may be written with after the plugin said last that its key is current. */
const writeTtlMs = 3 * 60_000;
/** Seeds are as many as there were keys and starts of servers; each takes a few hundred bytes. */
const maxCiphers = 10_000;

interface Cipher {
  open(data: Uint8Array, key: string): Buffer;
}

/** What is written with now. */
interface WriteState {
  readonly cipher: SeedCipher;
  readonly source: EncryptedObject;
  /** The key that the plugin named in its status, which is that of the source mostly. */
  readonly keyId: string;
  readonly expiresMs: number;
}

/**
 * KMS v2: values are encrypted here, with keys of a seed that only the plugin can decrypt. The plugin is asked for a seed
 * that was not seen before, and polled: when it has another key there is another seed.
 */
export class KmsProvider implements ValueTransformer {
  readonly name: string;
  readonly prefix: Buffer;
  readonly provider: string;
  readonly #options: KmsProviderOptions;
  readonly #ciphers = new BoundedCache<string, Cipher>({ maxEntries: maxCiphers });
  /** Seeds that the plugin is being asked for. */
  readonly #asked = new Map<string, Promise<Cipher>>();
  #write: WriteState | undefined;
  #problem: string | undefined = 'not asked yet';
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: KmsProviderOptions) {
    this.name = options.name;
    this.provider = `k8s:enc:kms:v2:${options.name}:`;
    this.prefix = Buffer.from(this.provider, 'utf8');
    this.#options = options;
  }

  get mark(): string {
    return this.provider + (this.#write?.source.keyId ?? '');
  }

  /** Why the plugin is not well; undefined: it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks the plugin how it is, and again and again from then on. Resolves whatever it says. */
  async poll(): Promise<void> {
    try {
      await this.#check();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#options.log.error('KMS plugin is not healthy', error, { name: this.name });
    }
    if (this.#isClosed) return;
    const delayMs = this.#problem === undefined ? pollMs : failedPollMs;
    this.#timer = this.#options.clock.setTimeout(() => void this.poll(), delayMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#options.service.close();
  }

  seal(value: Uint8Array, key: string): Uint8Array {
    const write = this.#write;
    if (write === undefined) throw new Error('got unexpected nil transformer');
    const nowMs = this.#options.clock.now();
    if (nowMs > write.expiresMs) {
      throw new Error(
        `encryptedDEKSource with keyID hash ${JSON.stringify(hashOf(write.source.keyId))} expired at ` +
          `${formatTime(write.expiresMs)} (current time is ${formatTime(nowMs)})`,
      );
    }
    return encodeEncryptedObject({ ...write.source, encryptedData: write.cipher.seal(value, key) });
  }

  open(data: Uint8Array, key: string): Opened | Promise<Opened> {
    const object = decodeEncryptedObject(data);
    const mark = this.provider + (object.sourceType === dekSourceTypes.seed ? object.keyId : '');
    const id = idOf(object);
    const known = this.#ciphers.get(id);
    if (known !== undefined) return { value: known.open(object.encryptedData, key), mark };
    return this.#ask(id, object).then((cipher) => ({ value: cipher.open(object.encryptedData, key), mark }));
  }

  /** Everybody who waits for the same seed waits for one question. */
  #ask(id: string, object: EncryptedObject): Promise<Cipher> {
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      this.#options.onCacheMiss?.();
      asked = this.#decrypt(object)
        .then((cipher) => {
          this.#ciphers.set(id, cipher);
          return cipher;
        })
        .finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return asked;
  }

  async #decrypt({ keyId, annotations, encryptedDekSource, sourceType }: EncryptedObject): Promise<Cipher> {
    let source: Uint8Array;
    try {
      source = await this.#options.service.decrypt(randomUUID(), {
        ciphertext: encryptedDekSource,
        keyId,
        annotations,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`failed to decrypt DEK, error: ${reason}`, { cause: error });
    }
    return sourceType === dekSourceTypes.seed ? new SeedCipher(source) : new KeyCipher(source);
  }

  async #check(): Promise<void> {
    const status = await this.#options.service.status().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `failed to perform status section of the healthz check for KMS Provider ${this.name}, error: ${reason}`,
        { cause: error },
      );
    });
    this.#checkHealthy(status);
    await this.#rotate(status.keyId);
  }

  #checkHealthy({ healthz, version, keyId }: KmsStatus): void {
    const problems: string[] = [];
    if (healthz !== 'ok') problems.push(`got unexpected healthz status: ${healthz}`);
    if (version !== 'v2' && version !== 'v2beta1') {
      problems.push(`expected KMSv2 API version v2, got ${version}`);
    }
    const keyProblem = keyIdProblem(keyId);
    if (keyProblem !== undefined)
      problems.push(`got invalid KMSv2 KeyID hash ${JSON.stringify(hashOf(keyId))}: ${keyProblem}`);
    if (problems.length === 0) return;
    const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    throw new Error(`kmsv2 Provider ${this.name} is not healthy, error: ${text}`);
  }

  /** Makes a seed where there is none, or the plugin has another key than when it was made. */
  async #rotate(keyId: string): Promise<void> {
    const { service, clock, log } = this.#options;
    // From before the question: what it says holds for then.
    const expiresMs = clock.now() + writeTtlMs;
    const write = this.#write;
    if (write !== undefined && write.keyId === keyId) {
      this.#write = { ...write, expiresMs };
      return;
    }
    const uid = randomUUID();
    const seed = randomBytes(seedBytes);
    let source: EncryptedObject;
    try {
      const { ciphertext, keyId: own, annotations } = await service.encrypt(uid, seed);
      source = {
        encryptedData: Buffer.alloc(1),
        keyId: own,
        encryptedDekSource: ciphertext,
        annotations,
        sourceType: dekSourceTypes.seed,
      };
      checkEncryptedObject(source);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `failed to rotate DEK uid=${JSON.stringify(uid)}, errState=<nil>, errGen=failed to encrypt DEK, error: ${reason}, ` +
          `statusKeyIDHash=${JSON.stringify(hashOf(keyId))}, encryptKeyIDHash="", stateKeyIDHash=` +
          `${JSON.stringify(write === undefined ? '' : hashOf(write.source.keyId))}`,
        { cause: error },
      );
    }
    const cipher = new SeedCipher(seed);
    this.#ciphers.set(idOf(source), cipher);
    this.#write = { cipher, source, keyId, expiresMs };
    log.info('successfully rotated DEK', { name: this.name, uid, newKeyIDHash: hashOf(source.keyId) });
  }
}

/** Names of keys may be secrets themselves: they are shown as upstream does. */
function hashOf(keyId: string): string {
  return keyId === '' ? '' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}

/** A seed and all that it was encrypted with: the plugin may judge by any of it. */
function idOf({ sourceType, encryptedDekSource, keyId, annotations }: EncryptedObject): string {
  const text = encodeMessage([
    [1, sourceType + 1],
    [2, encryptedDekSource],
    [3, Buffer.from(keyId, 'utf8')],
    ...mapFields(4, annotations),
  ]);
  return createHash('sha256').update(text).digest('base64');
}
