/** For the tests of this folder: a server with the plugins that they are about, and namespaces to be refused in. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { HttpsTransport } from '../../../src/client/https-transport.ts';
import { RestClient } from '../../../src/client/rest.ts';
import { StatusError } from '../../../src/machinery/status.ts';
import { TestServer, type ServerOptions } from '../../support/server.ts';

export interface Person {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** An answer, as far as tests look into it. */
export type Answer = Readonly<Record<string, unknown>> & {
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
};

const collections: Readonly<Record<string, string>> = {
  Pod: 'pods',
  ServiceAccount: 'serviceaccounts',
  LimitRange: 'limitranges',
  ResourceQuota: 'resourcequotas',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ConfigMap: 'configmaps',
  Service: 'services',
};

export class AdmissionServer {
  #server: TestServer | undefined;
  #client: RestClient | undefined;
  #warnings: string[] = [];
  #namespaces = 0;

  /** Starts a server before the tests of the file, and ends it after them. */
  static forTests(options: ServerOptions = {}): AdmissionServer {
    const admission = new AdmissionServer();
    before(async () => {
      const server = await TestServer.start(options);
      admission.#server = server;
      admission.#client = server.client('kubets-test/1', (text) => admission.#warnings.push(text));
    });
    after(async () => {
      admission.#client?.transport.close();
      await admission.#server?.stop();
    });
    return admission;
  }

  get client(): RestClient {
    assert.ok(this.#client !== undefined);
    return this.#client;
  }

  get server(): TestServer {
    assert.ok(this.#server !== undefined);
    return this.#server;
  }

  /** Warnings since the last time that they were asked for. */
  takeWarnings(): string[] {
    const warnings = this.#warnings;
    this.#warnings = [];
    return warnings;
  }

  async as<T>(person: Person, work: (client: RestClient) => Promise<T>): Promise<T> {
    const impersonate = { username: person.username, groups: person.groups ?? [], extra: {} };
    const client = new RestClient(new HttpsTransport({ ...this.server.config, impersonate }), {
      userAgent: 'kubets-test/1',
    });
    try {
      return await work(client);
    } finally {
      client.transport.close();
    }
  }

  /** A new namespace; with `account` Pods can run in it. */
  async newNamespace(labels: Readonly<Record<string, string>> = {}, account = true): Promise<Room> {
    const name = `room-${++this.#namespaces}`;
    await this.client.request('POST', '/api/v1/namespaces', { body: { metadata: { name, labels } } });
    const room = new Room(this, name);
    if (account) await room.create('ServiceAccount', { metadata: { name: 'default' } });
    return room;
  }

  create(path: string, body: object): Promise<Answer> {
    return this.client.request<Answer>('POST', path, { body });
  }
}

/** A namespace of a test's own. */
export class Room {
  readonly name: string;
  readonly #server: AdmissionServer;

  constructor(server: AdmissionServer, name: string) {
    this.#server = server;
    this.name = name;
  }

  /** The path of the objects of a kind, or of one of them. */
  path(kind: string, name = ''): string {
    return `/api/v1/namespaces/${this.name}/${collections[kind] ?? kind}${name === '' ? '' : `/${name}`}`;
  }

  create(kind: string, body: object): Promise<Answer> {
    return this.#server.create(this.path(kind), body);
  }

  pod(spec: object = {}, metadata: object = {}): Promise<Answer> {
    return this.create('Pod', podWith(spec, metadata));
  }

  async refusesPod(message: string | RegExp, spec: object = {}, metadata: object = {}): Promise<void> {
    await refused(this.pod(spec, metadata), 403, message);
  }
}

export const image = 'registry.example/c:1';

/** A Pod that can be made, but for what is changed in it. */
export function podWith(spec: object = {}, metadata: object = {}): object {
  return { metadata: { name: 'p', ...metadata }, spec: { containers: [{ name: 'c', image }], ...spec } };
}

/** Expects a refusal with this code and message. */
export async function refused(answer: Promise<unknown>, code: number, message: string | RegExp): Promise<StatusError> {
  let refusal: unknown;
  await assert.rejects(answer, (error: unknown) => {
    refusal = error;
    return true;
  });
  assert.ok(refusal instanceof StatusError, String(refusal));
  if (typeof message === 'string') assert.equal(refusal.message, message);
  else assert.match(refusal.message, message);
  assert.equal(refusal.code, code, refusal.message);
  return refusal;
}
