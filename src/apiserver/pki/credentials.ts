/** What the server speaks TLS with and trusts: from files that flags name, and from the PKI for the rest. */
import type { CIDR } from '../../machinery/cidr.ts';
import { formatIP } from '../../machinery/ip-address.ts';
import { X509Certificate } from 'node:crypto';
import { checkStarted } from './authority.ts';
import type { PkiContext } from './authority.ts';
import { checkPair } from './leaf.ts';
import type { KeyPair } from './leaf.ts';
import { PkiError, readCertificates, readKey } from './pki-directory.ts';
import { ensurePki } from './pki.ts';
import type { Pki } from './pki.ts';

export interface CredentialOptions extends PkiContext {
  /** `--cert-dir` */
  readonly certDirectory: string;
  /** `--tls-cert-file` and `--tls-private-key-file`: both, or neither. */
  readonly tlsFiles: { readonly certificate: string; readonly key: string } | undefined;
  /** `--client-ca-file` */
  readonly clientCaFile: string | undefined;
  /** `--requestheader-client-ca-file` */
  readonly frontProxyCaFile?: string | undefined;
  readonly servingNames: readonly string[];
}

/** All in PEM. */
export interface Credentials {
  readonly serving: KeyPair;
  /** By what clients can verify `serving`. */
  readonly servingCa: string;
  /** Whose client certificates are believed. */
  readonly clientCa: string;
  /** Where that was read from. */
  readonly clientCaFile: string;
  /** Whose certificates front proxies show. */
  readonly frontProxyCa: string;
  readonly frontProxyCaFile: string;
  /** An administrator's certificate that `clientCa` verifies; undefined when that authority is not ours. */
  readonly admin: KeyPair | undefined;
  readonly pki: Pki;
}

/** Rejects with PkiError, or with the file system's error when the directory cannot be made or written. */
export async function loadCredentials(options: CredentialOptions): Promise<Credentials> {
  const given = options.tlsFiles && readTlsFiles(options.tlsFiles, options.clock.now());
  const clientCa = options.clientCaFile === undefined ? undefined : required(options.clientCaFile, '--client-ca-file');
  const frontProxyCa =
    options.frontProxyCaFile === undefined
      ? undefined
      : required(options.frontProxyCaFile, '--requestheader-client-ca-file');
  const pki = await ensurePki({
    directory: options.certDirectory,
    servingNames: options.tlsFiles === undefined ? options.servingNames : undefined,
    clock: options.clock,
    random: options.random,
  });
  const serving = given ?? pki.apiserver;
  if (serving === undefined) throw new Error('the PKI made no certificate for the server');
  const ca = new X509Certificate(pki.ca);
  const trustsUs = clientCa === undefined || clientCa.all.some((trusted) => trusted.publicKey.equals(ca.publicKey));
  return {
    serving,
    servingCa: new X509Certificate(serving.certificate).verify(ca.publicKey) ? pki.ca : serving.certificate,
    clientCa: clientCa?.pem ?? pki.ca,
    clientCaFile: options.clientCaFile ?? `${options.certDirectory}/ca.crt`,
    frontProxyCa: frontProxyCa?.pem ?? pki.frontProxyCa,
    frontProxyCaFile: options.frontProxyCaFile ?? `${options.certDirectory}/front-proxy-ca.crt`,
    admin: trustsUs ? pki.admin : undefined,
    pki,
  };
}

/** The names and addresses that kubeadm gives an API server, and those this one listens on. */
export function servingNamesOf(server: {
  readonly hostName: string;
  readonly addresses: readonly string[];
  readonly serviceRanges: readonly CIDR[];
}): string[] {
  const unspecified = new Set(['0.0.0.0', '::']);
  return [
    ...new Set([
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      server.hostName,
      'localhost',
      '127.0.0.1',
      '::1',
      ...server.serviceRanges.map((range) => formatIP(range.at(1n))),
      ...server.addresses.filter((address) => !unspecified.has(address)),
    ]),
  ].filter((name) => name !== '');
}

function readTlsFiles(files: { certificate: string; key: string }, nowMs: number): KeyPair {
  const { pem, all } = required(files.certificate, '--tls-cert-file');
  const key = readKey(files.key);
  if (key === undefined) throw new PkiError(`${files.key}, named by --tls-private-key-file, is not there`);
  const [certificate] = all;
  if (certificate === undefined) throw new PkiError(`${files.certificate} holds no certificate`);
  checkPair({ path: files.certificate, pem, certificate }, key);
  checkStarted(files.certificate, certificate, nowMs);
  if (certificate.validToDate.getTime() <= nowMs) {
    throw new PkiError(
      `${files.certificate}, named by --tls-cert-file, expired on ${certificate.validToDate.toISOString()}: renew it`,
    );
  }
  return { certificate: pem, key: key.pem };
}

function required(path: string, flag: string): { pem: string; all: X509Certificate[] } {
  const read = readCertificates(path);
  if (read === undefined) throw new PkiError(`${path}, named by ${flag}, is not there`);
  return read;
}
