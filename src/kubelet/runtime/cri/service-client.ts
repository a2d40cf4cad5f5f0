import { fromJSON } from '@grpc/proto-loader';
import { type Client, credentials, makeGenericClientConstructor, status, type ServiceError } from '@grpc/grpc-js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { realClock } from '../../../machinery/clock.ts';
import { RuntimeError, type RuntimeErrorCode } from '../../contract.ts';
import descriptor from './descriptor.json' with { type: 'json' };

/** Numbers of 64 bits come as decimal text: a time in nanoseconds does not fit into a number. */
const definitions = fromJSON(descriptor as unknown as Parameters<typeof fromJSON>[0], {
  longs: String,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
});

/** Lists of many containers with their labels: far more than gRPC's default of 4 MiB, as upstream's 16 MiB. */
const maxMessageBytes = 16 * 1024 * 1024;

const codes: ReadonlyMap<number, RuntimeErrorCode> = new Map([
  [status.NOT_FOUND, 'NotFound'],
  [status.DEADLINE_EXCEEDED, 'DeadlineExceeded'],
  [status.UNAVAILABLE, 'Unavailable'],
  [status.INVALID_ARGUMENT, 'InvalidArgument'],
  [status.FAILED_PRECONDITION, 'FailedPrecondition'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
]);

function runtimeError(error: ServiceError): RuntimeError {
  return new RuntimeError(
    codes.get(error.code) ?? 'Unknown',
    error.details === '' ? error.message : error.details,
    error,
  );
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Undefined: the service's. */
  readonly timeoutMs?: number;
}

/** One gRPC service of the runtime over a Unix socket. */
export class ServiceClient {
  readonly #client: Client;
  readonly #service: ServiceDefinition;
  readonly #timeoutMs: number;

  /** @param name `RuntimeService` or `ImageService` of `runtime.v1`. */
  constructor(socketPath: string, name: 'RuntimeService' | 'ImageService', timeoutMs: number) {
    this.#service = definitions[`runtime.v1.${name}`] as ServiceDefinition;
    const Constructor = makeGenericClientConstructor(this.#service, name);
    this.#client = new Constructor(`unix://${socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      // A runtime that comes back is found again within a second.
      'grpc.max_reconnect_backoff_ms': 1000,
    });
    this.#timeoutMs = timeoutMs;
  }

  /** Calls a method by CRI's name. Rejects with a RuntimeError, or with the signal's reason. */
  call<Response>(
    method: string,
    request: object,
    { signal, timeoutMs = this.#timeoutMs }: CallOptions = {},
  ): Promise<Response> {
    signal?.throwIfAborted();
    const { path, requestSerialize, responseDeserialize } = this.#method(method);
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize as (value: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => Response,
        request,
        { deadline: deadlineIn(timeoutMs) },
        (error, response) => {
          signal?.removeEventListener('abort', abort);
          if (signal?.aborted === true) reject(signal.reason as Error);
          else if (error !== null) reject(runtimeError(error));
          else if (response === undefined) reject(new RuntimeError('Unknown', `${method} was answered with nothing`));
          else resolve(response);
        },
      );
      const abort = (): void => call.cancel();
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** The messages of a stream, until it ends or the signal aborts. */
  async *stream<Response>(method: string, request: object, signal: AbortSignal): AsyncGenerator<Response> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method);
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize as (value: object) => Buffer,
      responseDeserialize as (bytes: Buffer) => Response,
      request,
    );
    const abort = (): void => call.cancel();
    signal.addEventListener('abort', abort, { once: true });
    try {
      for await (const message of call) yield message as Response;
    } catch (error) {
      if (!signal.aborted) throw runtimeError(error as ServiceError);
    } finally {
      signal.removeEventListener('abort', abort);
      call.cancel();
    }
  }

  close(): void {
    this.#client.close();
  }

  #method(name: string): ServiceDefinition[string] {
    const method = this.#service[name];
    if (method === undefined) throw new RuntimeError('Unimplemented', `CRI has no method ${name}`);
    return method;
  }
}

/** gRPC takes moments of the machine's clock; Infinity: none. */
function deadlineIn(timeoutMs: number): Date | number {
  return timeoutMs === Infinity ? Infinity : new Date(realClock.now() + timeoutMs);
}
