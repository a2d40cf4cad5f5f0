// What it costs to find out whose a bearer token is: with the answer kept, and from the signature on.
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AuthenticationMetrics } from '../src/apiserver/authentication/metrics.ts';
import type { BoundObjects } from '../src/apiserver/authentication/service-account/bound-objects.ts';
import { LateBoundObjects } from '../src/apiserver/authentication/service-account/bound-objects.ts';
import { BoundTokenValidator } from '../src/apiserver/authentication/service-account/bound-validator.ts';
import { VerificationKeys } from '../src/apiserver/authentication/service-account/keys.ts';
import { ServiceAccountTokenAuthenticator } from '../src/apiserver/authentication/service-account/token-authenticator.ts';
import { TokenCache } from '../src/apiserver/authentication/token-cache.ts';
import { realClock } from '../src/machinery/clock.ts';
import { publicHalf } from '../src/machinery/jwt/jwk.ts';
import { JwtSigner } from '../src/machinery/jwt/jws.ts';
import { MetricsRegistry } from '../src/machinery/metrics.ts';
import type { Benchmark } from './contract.ts';

const audiences = ['https://kubernetes.default.svc.cluster.local'];
const uid = '3f2c1a52-3a3e-4a6a-9a55-0d0d6f1f9a11';

/** Every object is there, and stays. */
const objects: BoundObjects = {
  prepare: () => undefined,
  read: (_kind, namespace, name) => ({
    object: { metadata: { namespace, name, uid } } as never,
    isCurrent: () => true,
  }),
};

function tokensOf(signer: JwtSigner, count: number): string[] {
  const now = Math.floor(realClock.now() / 1000);
  return Array.from({ length: count }, (_, i) =>
    signer.sign({
      aud: audiences,
      exp: now + 3600,
      iat: now,
      iss: audiences[0],
      jti: `${uid.slice(0, -6)}${String(i).padStart(6, '0')}`,
      'kubernetes.io': {
        namespace: 'default',
        node: { name: 'node-1', uid },
        pod: { name: `pod-${i}`, uid },
        serviceaccount: { name: 'builder', uid },
      },
      nbf: now,
      sub: 'system:serviceaccount:default:builder',
    }),
  );
}

/** Microseconds per token. */
function microsecondsOf(tokens: readonly Buffer[], ask: (token: string) => unknown): number {
  // As they come from the network: texts that nothing is known of yet.
  const texts = tokens.map((token) => token.toString('latin1'));
  const startMs = realClock.monotonicMs();
  for (const text of texts) ask(text);
  return ((realClock.monotonicMs() - startMs) * 1000) / texts.length;
}

export const benchmark: Benchmark = {
  name: 'authentication',
  async run(report, { isQuick }) {
    const count = isQuick ? 200 : 5000;
    const keys: readonly (readonly [string, KeyObject])[] = [
      ['ECDSA P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
      ['RSA 2048', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ];
    for (const [name, key] of keys) {
      const late = new LateBoundObjects();
      late.attach(objects);
      const metrics = new AuthenticationMetrics(new MetricsRegistry(), realClock);
      const authenticator = new ServiceAccountTokenAuthenticator({
        issuers: audiences,
        keys: new VerificationKeys([publicHalf(key)]),
        apiAudiences: audiences,
        metrics: metrics.serviceAccounts,
        validator: new BoundTokenValidator({ objects: late, clock: realClock, metrics: metrics.serviceAccounts }),
      });
      const cache = new TokenCache(authenticator, {
        clock: realClock,
        successTtlMs: 600_000,
        usualAudiences: audiences,
        metrics: metrics.tokenCache,
      });
      const tokens = tokensOf(new JwtSigner(key), count).map((token) => Buffer.from(token, 'latin1'));
      const ask = (token: string): unknown => authenticator.authenticateToken(token, audiences);
      microsecondsOf(tokens, ask);
      report(`service account token, ${name}: verified`, microsecondsOf(tokens, ask), 'µs');
      const askCache = (token: string): unknown => cache.authenticateToken(token, audiences);
      for (let round = 0; round < 5; round++) microsecondsOf(tokens, askCache);
      report(`service account token, ${name}: kept`, microsecondsOf(tokens, askCache), 'µs');
    }
  },
};
