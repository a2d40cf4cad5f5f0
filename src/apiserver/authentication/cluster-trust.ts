/**
 * Tells extension API servers whose client certificates and which front proxy's headers to believe: the ConfigMap
 * `extension-apiserver-authentication` of kube-system
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/).
 */
import { X509Certificate } from 'node:crypto';
import type { ConfigMap } from '../../api/types/core.v1.ts';
import { serverUser } from '../bootstrap.ts';
import { InternalExchange } from '../http/internal.ts';
import type { InternalResponse } from '../http/internal.ts';
import type { Handler } from '../handler.ts';
import type { RequestHeaderNames } from './request-header.ts';

export interface ClusterTrust {
  /** PEM */
  readonly clientCa: string;
  readonly frontProxyCa: string;
  readonly frontProxyNames: readonly string[];
  readonly headers: RequestHeaderNames;
}

type Data = Readonly<Record<string, string>>;

const path = '/api/v1/namespaces/kube-system/configmaps';
const name = 'extension-apiserver-authentication';
/** Other servers of the cluster may be writing theirs. */
const maxAttempts = 5;
const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Adds this server's trust to that of the cluster's other servers; authorities that have expired go. Rejects with an
 * Error when the server does not take it.
 */
export async function publishClusterTrust(
  handler: Pick<Handler, 'serveAs'>,
  trust: ClusterTrust,
  nowMs: number,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const read = await ask(handler, 'GET', `${path}/${name}`);
    const found = read.status === 200 ? (JSON.parse(read.body.toString('utf8')) as ConfigMap) : undefined;
    const before = found?.data ?? {};
    const data = combined(before, trust, nowMs);
    if (found !== undefined && Object.entries(data).every(([key, value]) => before[key] === value)) return;
    const written =
      found === undefined
        ? await ask(handler, 'POST', path, { metadata: { name }, data })
        : await ask(handler, 'PUT', `${path}/${name}`, { ...found, data: { ...before, ...data } });
    if (written.status < 300) return;
    if (written.status !== 409 || attempt >= maxAttempts) throw new Error(written.body.toString('utf8'));
  }
}

async function ask(
  handler: Pick<Handler, 'serveAs'>,
  method: string,
  target: string,
  body?: object,
): Promise<InternalResponse> {
  const exchange = new InternalExchange({
    method,
    target,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kube-apiserver' },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  });
  await handler.serveAs(serverUser, exchange);
  return exchange.response;
}

function combined(
  before: Data,
  { clientCa, frontProxyCa, frontProxyNames, headers }: ClusterTrust,
  nowMs: number,
): Data {
  const bundle = (key: string, own: string): [string, string] => [key, combinedBundle(before[key] ?? '', own, nowMs)];
  const list = (key: string, own: readonly string[]): [string, string] => [key, combinedList(before[key], own)];
  return Object.fromEntries([
    bundle('client-ca-file', clientCa),
    bundle('requestheader-client-ca-file', frontProxyCa),
    list('requestheader-allowed-names', frontProxyNames),
    list('requestheader-extra-headers-prefix', headers.extraPrefix),
    list('requestheader-group-headers', headers.group),
    list('requestheader-uid-headers', headers.uid),
    list('requestheader-username-headers', headers.username),
  ]);
}

function combinedBundle(before: string, own: string, nowMs: number): string {
  const blocks = [...(before.match(certificateBlock) ?? []), ...(own.match(certificateBlock) ?? [])];
  const isValid = (pem: string): boolean => {
    try {
      return new X509Certificate(pem).validToDate.getTime() > nowMs;
    } catch {
      return false;
    }
  };
  return [...new Set(blocks)]
    .filter(isValid)
    .map((pem) => `${pem}\n`)
    .join('');
}

/** Lists are JSON in a text. */
function combinedList(before: string | undefined, own: readonly string[]): string {
  let known: unknown = [];
  try {
    known = JSON.parse(before ?? '[]');
  } catch {
    // Somebody else's text, which no extension server could read either.
  }
  const texts = Array.isArray(known) ? known.filter((each) => typeof each === 'string') : [];
  return JSON.stringify([...new Set([...texts, ...own])]);
}
