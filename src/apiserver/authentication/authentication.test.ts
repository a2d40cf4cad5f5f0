import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { seededRandom } from '../../machinery/random.ts';
import { StatusError } from '../../machinery/status.ts';
import { VirtualClock } from '../../machinery/virtual-clock.ts';
import { certificatePem, issueSelfSigned } from '../../machinery/x509/certificate.ts';
import type { Authenticator, Connection, Exchange } from '../contract.ts';
import { AnonymousAuthenticator } from './anonymous.ts';
import { AudienceAgnosticTokens } from './audiences.ts';
import { AuthenticationError } from './authentication-error.ts';
import { BearerTokenAuthenticator } from './bearer-token.ts';
import { ClientCertificateAuthenticator } from './client-certificate.ts';
import type { Authenticated, TokenAuthenticator } from './contract.ts';
import { TokenFileAuthenticator, TokenFileError } from './token-file.ts';
import { TokenUnion } from './token-union.ts';
import { TrustBundle } from './trust-bundle.ts';
import { UnionAuthenticator } from './union.ts';

const startMs = Date.UTC(2026, 0, 1);
const dayMs = 24 * 60 * 60 * 1000;

interface FakeRequest {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connection?: Connection;
}

/** As much of a request as authenticators look at; the rest refuses to be used. */
function exchangeOf(request: FakeRequest = {}): Exchange & { warnings: string[] } {
  const unused = (): never => {
    throw new Error('an authenticator has no business here');
  };
  const warnings: string[] = [];
  return {
    method: 'GET',
    target: request.path ?? '/api/v1/pods',
    path: request.path ?? '/api/v1/pods',
    query: new URLSearchParams(),
    connection: request.connection ?? { clientCertificate: undefined, remoteAddress: '192.0.2.1', memory: new Map() },
    httpVersion: '1.1',
    auditId: '00000000-0000-0000-0000-000000000000',
    header: (name) => request.headers?.[name],
    headers: () => request.headers ?? {},
    headerValues: (name) => request.headers?.[name]?.split(', ') ?? [],
    readBody: unused,
    setHeader: unused,
    addWarning: (text) => warnings.push(text),
    respond: unused,
    respondStream: unused,
    answered: false,
    status: 0,
    bodyBytes: 0,
    onClose: unused,
    warnings,
  };
}

const isUnauthorized = (error: unknown): boolean => {
  assert.ok(error instanceof StatusError);
  assert.deepEqual(error.toStatus(), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
  return true;
};

function certificateFor(
  subject: { commonName: string; organizations: string[] },
  purpose: ('clientAuth' | 'serverAuth')[],
): Buffer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return issueSelfSigned(
    { subject, notBeforeMs: startMs, notAfterMs: startMs + dayMs, purpose },
    privateKey,
    seededRandom('certificate'),
  );
}

describe('client certificates', () => {
  const connectionWith = (clientCertificate: Buffer | undefined): Connection => ({
    clientCertificate,
    remoteAddress: '192.0.2.1',
    memory: new Map(),
  });

  const authenticatorAt = (clock: VirtualClock, ...trusted: readonly Buffer[]): ClientCertificateAuthenticator =>
    new ClientCertificateAuthenticator({ clock, bundle: new TrustBundle(trusted.map(certificatePem).join('')) });

  test('name the user and the groups, and are read once per connection', () => {
    const der = certificateFor({ commonName: 'jane', organizations: ['dev', 'ops'] }, ['clientAuth']);
    const authenticator = authenticatorAt(new VirtualClock({ startMs }), der);
    const exchange = exchangeOf({ connection: connectionWith(der) });
    const found = authenticator.authenticate(exchange);
    assert.deepEqual(found?.user, {
      username: 'jane',
      groups: ['dev', 'ops'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash('sha256', der, 'hex')}`] },
    });
    assert.equal(authenticator.authenticate(exchange), found);
  });

  test('count only while they are valid, also on a connection that was open before', async () => {
    const clock = new VirtualClock({ startMs });
    const der = certificateFor({ commonName: 'jane', organizations: [] }, ['clientAuth']);
    const authenticator = authenticatorAt(clock, der);
    const exchange = exchangeOf({ connection: connectionWith(der) });
    assert.equal(authenticator.authenticate(exchange)?.user.username, 'jane');
    await clock.advance(dayMs + 1000);
    assert.throws(() => authenticator.authenticate(exchange), isUnauthorized);
    const early = authenticatorAt(new VirtualClock({ startMs: startMs - 1000 }), der);
    assert.throws(() => early.authenticate(exchangeOf({ connection: connectionWith(der) })), isUnauthorized);
  });

  test('must be for clients', () => {
    const server = certificateFor({ commonName: 'jane', organizations: [] }, ['serverAuth']);
    const both = certificateFor({ commonName: 'jane', organizations: [] }, ['serverAuth', 'clientAuth']);
    const authenticator = authenticatorAt(new VirtualClock({ startMs }), server, both);
    const ask = (der: Buffer): Authenticated | undefined =>
      authenticator.authenticate(exchangeOf({ connection: connectionWith(der) }));
    assert.throws(() => ask(server), isUnauthorized);
    assert.equal(ask(both)?.user.username, 'jane');
  });

  test('without a common name, or none at all, say nothing', () => {
    const nameless = certificateFor({ commonName: '', organizations: ['dev'] }, ['clientAuth']);
    const authenticator = authenticatorAt(new VirtualClock({ startMs }), nameless);
    assert.equal(authenticator.authenticate(exchangeOf({ connection: connectionWith(nameless) })), undefined);
    assert.equal(authenticator.authenticate(exchangeOf()), undefined);
  });

  test('count only as long as their authority does, also on a connection that was open before', () => {
    const jane = certificateFor({ commonName: 'jane', organizations: [] }, ['clientAuth']);
    const joe = certificateFor({ commonName: 'joe', organizations: [] }, ['clientAuth']);
    const bundle = new TrustBundle(certificatePem(jane));
    const authenticator = new ClientCertificateAuthenticator({ clock: new VirtualClock({ startMs }), bundle });
    const exchange = exchangeOf({ connection: connectionWith(jane) });
    assert.equal(authenticator.authenticate(exchange)?.user.username, 'jane');
    bundle.replace(certificatePem(joe));
    assert.throws(() => authenticator.authenticate(exchange), isUnauthorized);
    bundle.replace(certificatePem(joe) + certificatePem(jane));
    assert.equal(authenticator.authenticate(exchange)?.user.username, 'jane');
    assert.throws(() => bundle.replace('nothing'), /holds no certificate/);
    assert.equal(authenticator.authenticate(exchange)?.user.username, 'jane');
  });

  test('that TLS did not verify are refused, not passed over', () => {
    const connection = { ...connectionWith(undefined), clientCertificateProblem: 'x509: why' };
    const authenticator = authenticatorAt(
      new VirtualClock({ startMs }),
      certificateFor({ commonName: 'a', organizations: [] }, []),
    );
    assert.throws(
      () => authenticator.authenticate(exchangeOf({ connection })),
      (error) => error instanceof AuthenticationError && error.text === 'x509: why' && isUnauthorized(error),
    );
  });
});

describe('bearer tokens', () => {
  const file = new TokenFileAuthenticator('secret,jane,u1,"dev,ops"\nother,joe,\n', 'tokens.csv');
  const nobody: TokenAuthenticator = { authenticateToken: () => undefined };
  const known = new AudienceAgnosticTokens(['api'], file, 'tokenfile');
  const authenticator = new BearerTokenAuthenticator(new TokenUnion([nobody, known]));
  const ask = (headers: Record<string, string>): unknown =>
    authenticator.authenticate(exchangeOf({ headers }), ['other', 'api']);
  const jane = {
    user: { username: 'jane', uid: 'u1', groups: ['dev', 'ops'] },
    audiences: ['api'],
    source: 'tokenfile',
  };

  test('are found in any letter case of the scheme, and with anything after them', () => {
    for (const header of ['Bearer secret', 'bearer secret', ' BEARER secret ', 'Bearer secret more']) {
      assert.deepEqual(ask({ authorization: header }), jane, header);
    }
  });

  test('that nobody knows are refused', () => {
    assert.throws(() => ask({ authorization: 'Bearer wrong' }), isUnauthorized);
    assert.throws(() => ask({ authorization: 'Bearer Secret' }), isUnauthorized);
  });

  test('are not there in other schemes and malformed headers', () => {
    for (const header of ['', 'Basic c2VjcmV0', 'secret', 'Bearersecret', 'Bearer']) {
      assert.equal(ask({ authorization: header }), undefined, header);
    }
    const spaced = exchangeOf({ headers: { authorization: 'Bearer  secret' } });
    assert.equal(authenticator.authenticate(spaced, []), undefined);
    assert.match(spaced.warnings.join(), /extra space before the bearer token/);
  });

  test('may come in the list of WebSocket protocols', () => {
    const carrier = `base64url.bearer.authorization.k8s.io.${Buffer.from('secret').toString('base64url')}`;
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `v5.channel.k8s.io, ${carrier}` };
    assert.deepEqual(ask(headers), jane);
    assert.equal(ask({ 'sec-websocket-protocol': headers['sec-websocket-protocol'] }), undefined);
    assert.equal(ask({ upgrade: 'websocket', 'sec-websocket-protocol': 'v5.channel.k8s.io' }), undefined);
    for (const protocols of [carrier, `${carrier}, ${carrier}, a`, `${carrier}=, a`, `${carrier.slice(0, -8)}_w, a`]) {
      assert.throws(() => ask({ ...headers, 'sec-websocket-protocol': protocols }), isUnauthorized, protocols);
    }
  });

  test('are asked of one authenticator after the other, also of those that take time', async () => {
    const late: TokenAuthenticator = { authenticateToken: async () => undefined };
    const slow = new BearerTokenAuthenticator(new TokenUnion([late, known]));
    const askSlow = async (token: string): Promise<unknown> =>
      slow.authenticate(exchangeOf({ headers: { authorization: `Bearer ${token}` } }), ['api']);
    assert.deepEqual(await askSlow('secret'), jane);
    await assert.rejects(askSlow('wrong'), isUnauthorized);
  });

  test('for others are known to nobody', () => {
    const headers = { authorization: 'Bearer secret' };
    assert.throws(() => authenticator.authenticate(exchangeOf({ headers }), ['other']), isUnauthorized);
  });

  test('that one refuses may be good for another; if not, all say why', async () => {
    const refusing = (why: string): TokenAuthenticator => ({
      authenticateToken() {
        throw new AuthenticationError(why);
      },
    });
    const rejecting: TokenAuthenticator = {
      authenticateToken: () => Promise.reject(new AuthenticationError('later')),
    };
    const headers = { authorization: 'Bearer secret' };
    const good = new BearerTokenAuthenticator(new TokenUnion([refusing('a'), rejecting, known]));
    assert.deepEqual(await good.authenticate(exchangeOf({ headers }), ['api']), jane);
    const bad = new BearerTokenAuthenticator(new TokenUnion([refusing('a'), rejecting, refusing('a')]));
    await assert.rejects(
      async () => bad.authenticate(exchangeOf({ headers }), ['api']),
      (error) => error instanceof AuthenticationError && error.text === '[invalid bearer token, a, later]',
    );
  });
});

describe('the token file', () => {
  test('is read by the rules of CSV', () => {
    const { warnings } = new TokenFileAuthenticator('\n"a ""b""",jane,1,"g1,,g2"\n,nobody,2\nx,y,z\nx,other,z\n', 'f');
    assert.deepEqual(warnings, [
      "empty token has been found in token file 'f', line 3",
      "duplicate token has been found in token file 'f', line 5",
    ]);
    const file = new TokenFileAuthenticator('"a ""b""",jane,1,"g1,,g2",ignored\n', 'f');
    assert.deepEqual(file.authenticateToken('a "b"')?.user, { username: 'jane', uid: '1', groups: ['g1', 'g2'] });
  });

  test('is refused with the line that is wrong', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['a,b\n', /'f', line 1: must have at least 3 columns \(token, user name, user uid\), found 2/],
      ['a,b,c\n\n"x\n', /line 3: a quoted field that does not end/],
      ['a,b,c\nx,"y"z,1\n', /line 2: text after the end of a quoted field/],
      ['a,,c\n', /line 1: the user name is empty/],
    ];
    for (const [text, pattern] of cases) {
      assert.throws(
        () => new TokenFileAuthenticator(text, 'f'),
        (error) => {
          assert.ok(error instanceof TokenFileError);
          assert.match(error.message, pattern);
          return true;
        },
      );
    }
    await assert.rejects(
      TokenFileAuthenticator.load('/nowhere/tokens'),
      /'\/nowhere\/tokens', named by --token-auth-file/,
    );
  });
});

describe('all together', () => {
  const jane: Authenticated = { user: { username: 'jane', groups: ['dev'] } };
  const answering = (
    name: string,
    answer: () => Authenticated | undefined | Promise<Authenticated | undefined>,
  ): Authenticator => ({
    name,
    authenticate: answer,
  });
  const refusing = answering('refusing', () => {
    throw new AuthenticationError('bad');
  });
  const silent = answering('silent', () => undefined);
  const nobody = new AnonymousAuthenticator('publicPaths');
  const anybody = new AnonymousAuthenticator('everywhere');
  const withGroup = { username: 'jane', groups: ['dev', 'system:authenticated'] };

  test('the first that knows the user decides, and the user is in system:authenticated', async () => {
    const knows = answering('knows', () => jane);
    const union = new UnionAuthenticator([silent, knows, refusing], nobody);
    assert.deepEqual(union.authenticate(exchangeOf()), {
      user: withGroup,
      authenticator: 'knows',
      audiences: undefined,
    });
    const late = new UnionAuthenticator([answering('late', async () => jane)], nobody);
    assert.deepEqual(await late.authenticate(exchangeOf()), {
      user: withGroup,
      authenticator: 'late',
      audiences: undefined,
    });
  });

  test('bad credentials do not spoil good ones that follow', async () => {
    const knows = answering('knows', () => jane);
    const rejecting = answering('rejecting', async () => {
      throw new AuthenticationError('bad');
    });
    for (const bad of [refusing, rejecting]) {
      const union = new UnionAuthenticator([bad, knows], nobody);
      assert.deepEqual((await union.authenticate(exchangeOf())).user, withGroup);
    }
  });

  test('bad credentials are never anonymous, not even where nobody need show any', async () => {
    const union = new UnionAuthenticator([refusing, answering('slow', async () => undefined)], anybody);
    await assert.rejects(async () => union.authenticate(exchangeOf({ path: '/healthz' })), isUnauthorized);
  });

  test('no credentials are anonymous where that is allowed', () => {
    const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
    const open = new UnionAuthenticator([silent], anybody);
    assert.deepEqual(open.authenticate(exchangeOf()), {
      user: anonymous,
      authenticator: 'anonymous',
      audiences: undefined,
    });
    const closed = new UnionAuthenticator([silent], nobody);
    for (const path of ['/healthz', '/livez/ping', '/readyz/', '/readyz/poststarthook/x', '/version']) {
      assert.deepEqual(closed.authenticate(exchangeOf({ path })), {
        user: anonymous,
        authenticator: 'anonymous',
        audiences: undefined,
      });
    }
    for (const path of [
      '/',
      '/healthzz',
      '/metrics',
      '/api/v1/pods',
      '/version/../api/v1/pods',
      '/versions',
      '/x/healthz',
    ]) {
      assert.throws(() => closed.authenticate(exchangeOf({ path })), isUnauthorized, path);
    }
  });

  test('a fault of ours is not taken for bad credentials', () => {
    const broken = answering('broken', () => {
      throw new TypeError('broken');
    });
    assert.throws(() => new UnionAuthenticator([broken], anybody).authenticate(exchangeOf()), TypeError);
  });
});
