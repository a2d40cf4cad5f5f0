/**
 * A KMS plugin as the server asks it (`k8s.io/kms/apis/v2`), over gRPC on a Unix socket. Importing this loads gRPC: few
 * servers have a plugin.
 */
import { Client, credentials } from '@grpc/grpc-js';
import type { Clock } from '../../../machinery/clock.ts';
import {
  bytesOf,
  decodeMessage,
  encodeMessage,
  mapFields,
  mapOf,
  textOf,
  type BytesByName,
  type WireField,
} from './wire.ts';

export interface KmsStatus {
  readonly version: string;
  readonly healthz: string;
  readonly keyId: string;
}

export interface KmsEncrypted {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly annotations: BytesByName;
}

/** Each call rejects when there is no answer in time. */
export interface KmsService {
  status(): Promise<KmsStatus>;
  encrypt(uid: string, plaintext: Uint8Array): Promise<KmsEncrypted>;
  decrypt(uid: string, encrypted: KmsEncrypted): Promise<Uint8Array>;
  close(): void;
}

/** Connects when it is first asked. */
export function openKmsService(endpoint: string, timeoutMs: number, clock: Pick<Clock, 'now'>): KmsService {
  const client = new Client(endpoint, credentials.createInsecure());
  const call = (method: string, fields: readonly WireField[]): Promise<WireField[]> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/v2.KeyManagementService/${method}`,
        (message: readonly WireField[]) => encodeMessage(message),
        decodeMessage,
        fields,
        { deadline: clock.now() + timeoutMs },
        (error, answer) => {
          if (error !== null) reject(error);
          else resolve(answer ?? []);
        },
      );
    });
  return {
    async status() {
      const answer = await call('Status', []);
      return { version: textOf(answer, 1), healthz: textOf(answer, 2), keyId: textOf(answer, 3) };
    },
    async encrypt(uid, plaintext) {
      const answer = await call('Encrypt', [
        [1, plaintext],
        [2, Buffer.from(uid, 'utf8')],
      ]);
      return { ciphertext: bytesOf(answer, 1), keyId: textOf(answer, 2), annotations: mapOf(answer, 3) };
    },
    async decrypt(uid, { ciphertext, keyId, annotations }) {
      const answer = await call('Decrypt', [
        [1, ciphertext],
        [2, Buffer.from(uid, 'utf8')],
        [3, Buffer.from(keyId, 'utf8')],
        ...mapFields(4, annotations),
      ]);
      return bytesOf(answer, 1);
    },
    close: () => client.close(),
  };
}
