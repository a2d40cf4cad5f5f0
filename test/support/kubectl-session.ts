/** One kubectl at work on a running server, in a namespace and a directory of its own. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { discover, type ServedResource } from '../../src/client/discovery.ts';
import type { RestClient } from '../../src/client/rest.ts';
import { findKubectls, KubectlRunner, type Kubectl } from './kubectl.ts';
import type { RunResult } from './run.ts';
import { removeDirectory, stillServer, temporaryDirectory, TestServer } from './server.ts';

export interface KubectlSession {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  /** These are there once the tests run. */
  readonly server: TestServer;
  readonly client: RestClient;
  readonly served: readonly ServedResource[];
  /** Runs kubectl; see {@link KubectlRunner.run}. */
  readonly run: KubectlRunner['run'];
  readonly try: (args: readonly string[]) => Promise<RunResult>;
  /** Writes a file and returns its path. */
  readonly file: (name: string, content: string | object) => Promise<string>;
  readonly createConfigMap: (name: string, metadata?: object) => Promise<unknown>;
  /** Starts a kubectl that goes on, and gathers the lines that it prints. */
  readonly follow: (args: readonly string[]) => { readonly seen: string[]; stop(): void };
}

/** The lines of an output that are not empty. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/**
 * Defines the same tests for every kubectl that can be had, on one server. Says so when there is none.
 * @param choose Leaves some of them out.
 */
export async function forEachKubectl(
  define: (session: KubectlSession) => void,
  choose: (kubectls: readonly Kubectl[]) => readonly Kubectl[] = (kubectls) => kubectls,
): Promise<void> {
  const kubectls = choose(await findKubectls());
  if (kubectls.length === 0) {
    test('kubectl', { skip: 'NO KUBECTL: neither on the PATH nor from Debian. None of these tests ran.' }, () => {});
    return;
  }
  const state: Partial<{ server: TestServer; client: RestClient; served: ServedResource[] }> = {};
  before(async () => {
    state.server = await TestServer.start({ args: stillServer });
    state.client = state.server.client();
    state.served = await discover(state.client);
  });
  after(async () => {
    state.client?.transport.close();
    await state.server?.stop();
  });
  for (const kubectl of kubectls) {
    describe(`kubectl ${kubectl.version}`, () => {
      define(sessionOf(kubectl, state));
    });
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the server does not run yet');
  return value;
}

function sessionOf(
  kubectl: Kubectl,
  state: Readonly<Partial<{ server: TestServer; client: RestClient; served: ServedResource[] }>>,
): KubectlSession {
  const namespace = `kubectl-${kubectl.minor}`;
  let directory: string;
  let runner: KubectlRunner;
  before(async () => {
    directory = await temporaryDirectory();
    runner = new KubectlRunner(kubectl, present(state.server).kubeconfig, directory);
    await present(state.client).request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  });
  after(() => removeDirectory(directory));
  return {
    kubectl,
    namespace,
    get server() {
      return present(state.server);
    },
    get client() {
      return present(state.client);
    },
    get served() {
      return present(state.served);
    },
    run: (args, options) => runner.run(args, options),
    try: (args) => runner.try(args),
    file: async (name, content) => {
      const path = join(directory, name);
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    createConfigMap: (name, metadata = {}) =>
      present(state.client).request('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
        body: { metadata: { name, ...metadata } },
      }),
    follow: (args) => follow(kubectl, args, { KUBECONFIG: present(state.server).kubeconfig, HOME: directory }),
  };
}

function follow(
  kubectl: Kubectl,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly seen: string[]; stop(): void } {
  const child = spawn(kubectl.path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: string[] = [];
  let rest = '';
  child.stdout.on('data', (piece: Buffer) => {
    const parts = (rest + piece.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    seen.push(...parts);
  });
  return { seen, stop: () => child.kill('SIGKILL') };
}
