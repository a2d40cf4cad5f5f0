import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { publicHalf } from '../../../machinery/jwt/jwk.ts';
import { JwtSigner } from '../../../machinery/jwt/jws.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { MetricsRegistry } from '../../../machinery/metrics.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated } from '../contract.ts';
import { AuthenticationMetrics } from '../metrics.ts';
import { TokenUnion } from '../token-union.ts';
import { LateBoundObjects } from './bound-objects.ts';
import { BoundTokenValidator } from './bound-validator.ts';
import { VerificationKeys } from './keys.ts';
import { legacyIssuer, LegacyTokenValidator } from './legacy-validator.ts';
import { ServiceAccountTokenAuthenticator } from './token-authenticator.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = new JwtSigner(privateKey);
const clock = new VirtualClock();
const objects = new LateBoundObjects();
// There is one service account, and nothing else.
objects.attach({
  prepare: () => undefined,
  read: (kind, namespace, name) =>
    kind === 'serviceaccounts' && namespace === 'ns' && name === 'sa'
      ? { object: { metadata: { namespace, name, uid: 'u' } } as never, isCurrent: () => true }
      : undefined,
});
const metrics = new AuthenticationMetrics(new MetricsRegistry(), clock).serviceAccounts;
const common = { keys: new VerificationKeys([publicHalf(privateKey)]), apiAudiences: ['api'], metrics };
const legacy = new LegacyTokenValidator({ objects, clock, metrics, lookup: true, noteUse: () => {} });
const authenticator = new TokenUnion([
  new ServiceAccountTokenAuthenticator({ ...common, issuers: [legacyIssuer], validator: legacy }),
  new ServiceAccountTokenAuthenticator({
    ...common,
    issuers: ['us'],
    validator: new BoundTokenValidator({ objects, clock, metrics }),
  }),
]);

/** The answer; undefined when the token is refused. Any other end is a fault. */
function ask(token: string): Authenticated | undefined {
  try {
    const answer = authenticator.authenticateToken(token, ['api']);
    assert.ok(!(answer instanceof Promise));
    return answer;
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined;
    throw error;
  }
}

/** Mostly right, so that not everything is refused for the first thing that is wrong. */
const mostly = <T>(right: T, ...others: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(right) },
    ...[...others, fc.anything()].map((arbitrary) => ({ weight: 1, arbitrary })),
  );
const account = mostly({ name: 'sa', uid: 'u' }, fc.record({ name: fc.anything(), uid: fc.anything() }));
const claims = fc.record(
  {
    iss: fc.constantFrom('us', legacyIssuer),
    sub: mostly('system:serviceaccount:ns:sa'),
    aud: mostly(['api']),
    exp: mostly(4e9, fc.double()),
    nbf: mostly(0),
    iat: mostly(0),
    jti: mostly('id'),
    'kubernetes.io': mostly(
      { namespace: 'ns', serviceaccount: { name: 'sa', uid: 'u' } },
      fc.record(
        { namespace: fc.constant('ns'), serviceaccount: account, pod: account, warnafter: fc.anything() },
        { requiredKeys: ['namespace', 'serviceaccount'] },
      ),
    ),
    'kubernetes.io/serviceaccount/namespace': mostly('ns'),
    'kubernetes.io/serviceaccount/secret.name': mostly('s'),
  },
  { requiredKeys: ['iss', 'kubernetes.io'] },
);

test('whatever a token claims, it is accepted or refused, and never a fault', () => {
  let accepted = 0;
  fc.assert(
    fc.property(claims, (made) => {
      // What JSON cannot hold no token can.
      fc.pre(isJson(made));
      const found = ask(signer.sign(made as JsonObject));
      if (found === undefined) return;
      accepted++;
      assert.equal(found.user.username, 'system:serviceaccount:ns:sa');
      assert.equal(found.user.uid, 'u');
    }),
    { numRuns: 2000, seed: 7 },
  );
  assert.ok(accepted > 0);
});

test('whatever a token is, it is refused when its signature is not ours', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
  const piece = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  );
  const header = fc.record({
    alg: fc.constantFrom('ES256', 'RS256', 'HS256', 'none', 'PS512'),
    kid: fc.oneof(fc.constant(signer.keyId), fc.string()),
  });
  fc.assert(
    fc.property(header, claims, piece, (head, made, signature) => {
      fc.pre(isJson(made));
      assert.equal(ask(`${part(head)}.${part(made)}.${signature}`), undefined);
    }),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.string(), piece, piece, (a, b, c) => assert.equal(ask([a, b, c].join('.')), undefined)));
});

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
