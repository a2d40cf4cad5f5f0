/** A KMS v2 plugin on a Unix socket, which encrypts with a key of its own under a name that can be changed. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import {
  bytesOf,
  decodeMessage,
  encodeMessage,
  mapFields,
  mapOf,
  textOf,
  type WireField,
} from '../../src/apiserver/encryption/kms/wire.ts';

type Message = readonly WireField[];
type Handler = (asked: Message) => Message;

export class KmsPlugin {
  readonly endpoint: string;
  keyId = 'key-1';
  healthz = 'ok';
  readonly calls = { Status: 0, Encrypt: 0, Decrypt: 0 };
  readonly #server = new Server();

  private constructor(endpoint: string) {
    this.endpoint = endpoint;
    const method = (name: 'Status' | 'Encrypt' | 'Decrypt', handle: Handler) => ({
      definition: {
        path: `/v2.KeyManagementService/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: encodeMessage as (message: Message) => Buffer,
        requestDeserialize: decodeMessage as (bytes: Buffer) => Message,
        responseSerialize: encodeMessage as (message: Message) => Buffer,
        responseDeserialize: decodeMessage as (bytes: Buffer) => Message,
      } as const,
      handle: (call: ServerUnaryCall<Message, Message>, answer: sendUnaryData<Message>): void => {
        this.calls[name]++;
        try {
          answer(null, handle(call.request));
        } catch (error) {
          answer({ code: status.INTERNAL, details: String(error) });
        }
      },
    });
    const methods = {
      Status: method('Status', () => [
        [1, Buffer.from('v2')],
        [2, Buffer.from(this.healthz)],
        [3, Buffer.from(this.keyId)],
      ]),
      Encrypt: method('Encrypt', (asked) => [
        [1, this.#encrypt(bytesOf(asked, 1))],
        [2, Buffer.from(this.keyId)],
        ...mapFields(3, { 'version.example.com': Buffer.from('1') }),
      ]),
      Decrypt: method('Decrypt', (asked) => {
        if (String(mapOf(asked, 4)['version.example.com']) !== '1') throw new Error('the annotations are not mine');
        return [[1, this.#decrypt(bytesOf(asked, 1), textOf(asked, 3))]];
      }),
    };
    this.#server.addService(
      { Status: methods.Status.definition, Encrypt: methods.Encrypt.definition, Decrypt: methods.Decrypt.definition },
      { Status: methods.Status.handle, Encrypt: methods.Encrypt.handle, Decrypt: methods.Decrypt.handle },
    );
  }

  static async listen(socketPath: string): Promise<KmsPlugin> {
    const plugin = new KmsPlugin(`unix://${socketPath}`);
    await new Promise<void>((resolve, reject) => {
      plugin.#server.bindAsync(plugin.endpoint, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    return plugin;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #encrypt(plaintext: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-ctr', keyOf(this.keyId), Buffer.alloc(16));
    return Buffer.concat([cipher.update(plaintext), cipher.final()]);
  }

  #decrypt(ciphertext: Uint8Array, keyId: string): Buffer {
    const decipher = createDecipheriv('aes-256-ctr', keyOf(keyId), Buffer.alloc(16));
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  }
}

function keyOf(keyId: string): Buffer {
  return createHash('sha256').update(keyId).digest();
}
