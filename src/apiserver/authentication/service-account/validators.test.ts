import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import type { KubernetesObject } from '../../../api/contract.ts';
import { publicHalf } from '../../../machinery/jwt/jwk.ts';
import { JwtSigner } from '../../../machinery/jwt/jws.ts';
import type { JsonObject } from '../../../machinery/jwt/jws.ts';
import { MetricsRegistry } from '../../../machinery/metrics.ts';
import { formatTime } from '../../../machinery/time.ts';
import { VirtualClock } from '../../../machinery/virtual-clock.ts';
import { AuthenticationError } from '../authentication-error.ts';
import type { Authenticated } from '../contract.ts';
import { AuthenticationMetrics } from '../metrics.ts';
import { LateBoundObjects } from './bound-objects.ts';
import type { BoundKind, BoundObjects, Kinds, ReadObject } from './bound-objects.ts';
import { BoundTokenValidator } from './bound-validator.ts';
import { VerificationKeys } from './keys.ts';
import { legacyIssuer, LegacyTokenValidator } from './legacy-validator.ts';
import { ServiceAccountTokenAuthenticator } from './token-authenticator.ts';

const startMs = Date.UTC(2026, 0, 1);
const start = startMs / 1000;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = new JwtSigner(privateKey);

/** Objects by `kind/namespace/name`. */
class FakeObjects implements BoundObjects {
  readonly objects = new Map<string, KubernetesObject>();

  put(kind: BoundKind, namespace: string, name: string, rest: object = {}, metadata: object = {}): void {
    const uid = `${name}-uid`;
    this.objects.set(`${kind}/${namespace}/${name}`, { metadata: { name, namespace, uid, ...metadata }, ...rest });
  }

  prepare(): undefined {
    return undefined;
  }

  read<K extends BoundKind>(kind: K, namespace: string, name: string): ReadObject<Kinds[K]> | undefined {
    const key = `${kind}/${namespace}/${name}`;
    const object = this.objects.get(key);
    if (object === undefined) return undefined;
    return { object: object as Kinds[K], isCurrent: () => this.objects.get(key) === object };
  }
}

function world(): {
  clock: VirtualClock;
  objects: FakeObjects;
  metrics: MetricsRegistry;
  noted: string[];
  ask: (claims: JsonObject) => Authenticated | undefined;
  askToken: (token: string) => Authenticated | undefined;
} {
  const clock = new VirtualClock({ startMs });
  const objects = new FakeObjects();
  const late = new LateBoundObjects();
  late.attach(objects);
  const registry = new MetricsRegistry();
  const metrics = new AuthenticationMetrics(registry, clock).serviceAccounts;
  const noted: string[] = [];
  const legacy = new LegacyTokenValidator({
    objects: late,
    clock,
    metrics,
    lookup: true,
    noteUse: ({ metadata }, label) => noted.push(`${metadata.name} ${Object.values(label).join()}`),
  });
  const bound = new BoundTokenValidator({ objects: late, clock, metrics });
  const common = { keys: new VerificationKeys([publicHalf(privateKey)]), apiAudiences: ['api'], metrics };
  const authenticators = [
    new ServiceAccountTokenAuthenticator({ ...common, issuers: ['us'], validator: bound }),
    new ServiceAccountTokenAuthenticator({ ...common, issuers: [legacyIssuer], validator: legacy }),
  ];
  const ask = (claims: JsonObject): Authenticated | undefined => askToken(signer.sign(claims));
  const askToken = (token: string): Authenticated | undefined => {
    for (const authenticator of authenticators) {
      const answer = authenticator.authenticateToken(token, ['api']);
      assert.ok(!(answer instanceof Promise));
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return { clock, objects, metrics: registry, noted, ask, askToken };
}

function claims(bound: object = {}, rest: JsonObject = {}): JsonObject {
  return {
    iss: 'us',
    aud: ['api'],
    sub: 'system:serviceaccount:ns:sa',
    exp: start + 3600,
    'kubernetes.io': { namespace: 'ns', serviceaccount: { name: 'sa', uid: 'sa-uid' }, ...bound },
    ...rest,
  };
}

const refusal = (ask: () => unknown): string => {
  try {
    ask();
  } catch (error) {
    assert.ok(error instanceof AuthenticationError, String(error));
    return error.text;
  }
  throw new assert.AssertionError({ message: 'it was accepted' });
};

describe('a bound token', () => {
  test('counts for a minute after what it is bound to begins to be deleted', async () => {
    for (const [kind, claim, gone] of [
      ['serviceaccounts', {}, 'service account ns/sa has been deleted'],
      ['pods', { pod: { name: 'p', uid: 'p-uid' } }, 'service account token has been invalidated'],
      ['secrets', { secret: { name: 'p', uid: 'p-uid' } }, 'service account token has been invalidated'],
      ['nodes', { node: { name: 'p', uid: 'p-uid' } }, 'service account token has been invalidated'],
    ] as const) {
      const { clock, objects, ask } = world();
      const deletionTimestamp = formatTime(startMs);
      objects.put('serviceaccounts', 'ns', 'sa');
      const [namespace, name] = kind === 'serviceaccounts' ? ['ns', 'sa'] : [kind === 'nodes' ? '' : 'ns', 'p'];
      objects.put(kind, namespace, name, {}, { deletionTimestamp });
      const found = ask(claims(claim));
      assert.equal(found?.isCurrent?.(), true, kind);
      await clock.advance(60_000);
      assert.equal(found?.isCurrent?.(), true, kind);
      assert.notEqual(ask(claims(claim)), undefined);
      await clock.advance(1);
      // Also what was found out before.
      assert.equal(found?.isCurrent?.(), false, kind);
      assert.equal(
        refusal(() => ask(claims(claim))),
        gone,
      );
    }
  });

  test('is no longer current when anything that it is bound to changes', () => {
    const { objects, ask } = world();
    objects.put('serviceaccounts', 'ns', 'sa');
    objects.put('pods', 'ns', 'p');
    const found = ask(claims({ pod: { name: 'p', uid: 'p-uid' } }));
    assert.equal(found?.isCurrent?.(), true);
    objects.put('pods', 'ns', 'p', { status: { phase: 'Running' } });
    assert.equal(found?.isCurrent?.(), false);
  });

  test('is no longer current a minute after its end', async () => {
    const { clock, objects, ask } = world();
    objects.put('serviceaccounts', 'ns', 'sa');
    const found = ask(claims());
    await clock.advance(3_660_000);
    assert.equal(found?.isCurrent?.(), true);
    await clock.advance(1);
    assert.equal(found?.isCurrent?.(), false);
  });

  test('that should have been renewed is told of', async () => {
    const { clock, objects, metrics, ask } = world();
    objects.put('serviceaccounts', 'ns', 'sa');
    const extended = claims({ warnafter: start + 3607 }, { exp: start + 365 * 24 * 3600 });
    assert.equal(ask(extended)?.annotations, undefined);
    await clock.advance(3_610_000);
    assert.deepEqual(ask(extended)?.annotations, {
      'authentication.k8s.io/stale-token': 'subject: system:serviceaccount:ns:sa, seconds after warning threshold: 3',
    });
    assert.match(metrics.render(), /serviceaccount_stale_tokens_total 1\n/);
    assert.match(metrics.render(), /serviceaccount_valid_tokens_total 1\n/);
  });

  test('names nothing outside of its own kind and namespace', () => {
    const { objects, ask } = world();
    objects.put('serviceaccounts', 'ns', 'sa');
    const other = { namespace: 'other', serviceaccount: { name: 'sa', uid: 'sa-uid' } };
    assert.equal(
      refusal(() => ask(claims(other))),
      'serviceaccounts "sa" not found',
    );
    for (const bad of [{ pod: 'p' }, { pod: { name: 7 } }, { serviceaccount: [] }, { warnafter: 'x' }]) {
      assert.match(
        refusal(() => ask(claims(bad))),
        /claims could not be validated/,
      );
    }
  });
});

describe('a token in a Secret', () => {
  const legacy = (rest: JsonObject = {}): JsonObject => ({
    iss: legacyIssuer,
    sub: 'system:serviceaccount:ns:sa',
    'kubernetes.io/serviceaccount/namespace': 'ns',
    'kubernetes.io/serviceaccount/secret.name': 's',
    'kubernetes.io/serviceaccount/service-account.name': 'sa',
    'kubernetes.io/serviceaccount/service-account.uid': 'sa-uid',
    ...rest,
  });
  /** A world with the token, and with the Secret that holds it. */
  const withSecret = (
    secrets: object[] = [],
    metadata: object = {},
  ): Pick<ReturnType<typeof world>, 'objects' | 'noted'> & { readonly ask: () => Authenticated | undefined } => {
    const { objects, noted, askToken } = world();
    const token = signer.sign(legacy());
    objects.put('serviceaccounts', 'ns', 'sa', { secrets });
    objects.put('secrets', 'ns', 's', { data: { token: Buffer.from(token).toString('base64') } }, metadata);
    return { objects, noted, ask: () => askToken(token) };
  };

  test('that was made by itself is warned of, one that somebody made is not', () => {
    const made = withSecret([{ name: 's' }]);
    const found = made.ask();
    assert.equal(found?.user.username, 'system:serviceaccount:ns:sa');
    assert.match(found?.warnings?.join() ?? '', /^Use tokens from the TokenRequest API or manually created/);
    assert.deepEqual(found?.annotations, {
      'authentication.k8s.io/legacy-token': 'system:serviceaccount:ns:sa',
      'authentication.k8s.io/legacy-token-autogenerated-secret': 's',
    });
    const manual = withSecret().ask();
    assert.equal(manual?.warnings, undefined);
    assert.deepEqual(manual?.annotations, {
      'authentication.k8s.io/legacy-token': 'system:serviceaccount:ns:sa',
      'authentication.k8s.io/legacy-token-manual-secret': 's',
    });
  });

  test('has its use noted once a day', () => {
    const fresh = withSecret();
    fresh.ask();
    assert.deepEqual(fresh.noted, ['s 2026-01-01']);
    for (const [day, count] of [
      ['2025-12-31', 1],
      ['2026-01-01', 0],
      ['2026-01-02', 0],
    ] as const) {
      const used = withSecret([], { labels: { 'kubernetes.io/legacy-token-last-used': day } });
      used.ask();
      assert.equal(used.noted.length, count, day);
    }
  });

  test('is refused for each claim that is missing or wrong', () => {
    const { objects, ask } = world();
    objects.put('serviceaccounts', 'ns', 'sa');
    const prefix = 'kubernetes.io/serviceaccount/';
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ sub: undefined }, 'sub claim is missing'],
      [{ sub: 'system:serviceaccount:ns:other' }, 'sub claim is invalid'],
      [{ sub: 'jane' }, 'sub claim is invalid'],
      [{ [`${prefix}namespace`]: '' }, 'namespace claim is missing'],
      [{ [`${prefix}secret.name`]: undefined }, 'secretName claim is missing'],
      [{ [`${prefix}service-account.name`]: 7 }, 'serviceAccountName claim is missing'],
      [{ [`${prefix}service-account.uid`]: '' }, 'serviceAccountUID claim is missing'],
      [{}, 'Token has been invalidated'],
    ];
    for (const [rest, text] of cases)
      assert.equal(
        refusal(() => ask(legacy(rest))),
        text,
      );
    objects.put('secrets', 'ns', 's', { data: { token: 'b3RoZXI=' } });
    assert.equal(
      refusal(() => ask(legacy())),
      "Token does not match server's copy",
    );
  });

  test('is refused when its account is another, or being deleted', () => {
    const other = withSecret();
    other.objects.put('serviceaccounts', 'ns', 'sa', {}, { uid: 'new' });
    assert.equal(
      refusal(() => other.ask()),
      'ServiceAccount UID (new) does not match claim (sa-uid)',
    );
    const deleted = withSecret();
    deleted.objects.put('serviceaccounts', 'ns', 'sa', {}, { deletionTimestamp: formatTime(startMs) });
    assert.equal(
      refusal(() => deleted.ask()),
      'ServiceAccount ns/sa has been deleted',
    );
  });
});
