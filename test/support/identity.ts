/** Who a server takes one for. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpsAnswer } from './https-request.ts';
import type { HttpsRequest } from './https-request.ts';
import type { TestServer } from './server.ts';

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: string[];
  readonly extra?: Record<string, string[]>;
}

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** The user of a SelfSubjectReview, or the status of its refusal. */
export async function whoAmI(
  server: TestServer,
  request: Pick<HttpsRequest, 'token' | 'headers' | 'certificate'>,
): Promise<UserInfo | number> {
  const answer = await httpsAnswer(server, {
    ...request,
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  if (answer.status === 401) assert.match(answer.text, /"message":"Unauthorized","reason":"Unauthorized","code":401/);
  return answer.status === 201 ? (answer.json as { status: { userInfo: UserInfo } }).status.userInfo : answer.status;
}

/** The user's name, or the status of the refusal. */
export async function nameOf(server: TestServer, request: Parameters<typeof whoAmI>[1]): Promise<string> {
  const user = await whoAmI(server, request);
  return typeof user === 'number' ? String(user) : user.username;
}

/** A pair of the server's own PKI. */
export async function pkiPair(server: TestServer, name: string): Promise<Pair> {
  const pki = join(server.directory, 'data/pki');
  return { cert: await readFile(join(pki, `${name}.crt`)), key: await readFile(join(pki, `${name}.key`)) };
}
