/** The keys and certificates of a directory: read with errors that say what to do, made in memory, published together. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { publishFiles } from '../../machinery/atomic-file.ts';
import type { FileToPublish } from '../../machinery/atomic-file.ts';
import { certificatePem } from '../../machinery/x509/certificate.ts';

/** Something is wrong with a file of the PKI; the message names the file and the remedy. */
export class PkiError extends Error {
  override name = 'PkiError';
}

/** A certificate's file. */
export interface CertificateFile {
  readonly path: string;
  readonly pem: string;
  /** The first certificate of the file; what follows is its chain. */
  readonly certificate: X509Certificate;
}

/** A private key's file. */
export interface KeyFile {
  readonly path: string;
  readonly pem: string;
  readonly key: KeyObject;
}

const publicMode = 0o644;
const secretMode = 0o600;
export const replaceIt = 'put the right file in its place, or remove it to have a new one made';

/**
 * What is read is what was there, or what was made since. Keys are never replaced; so however a start is cut short, and
 * whoever else starts at the same time, what is found next belongs together, or is made.
 */
export class PkiDirectory {
  readonly #path: string;
  readonly #newKeys: FileToPublish[] = [];
  readonly #newCertificates: FileToPublish[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  pathOf(name: string): string {
    return `${this.#path}/${name}`;
  }

  /** Undefined when there is no such file. Throws PkiError. */
  certificate(name: string): CertificateFile | undefined {
    const path = this.pathOf(name);
    const read = readCertificates(path);
    const certificate = read?.all[0];
    return read === undefined || certificate === undefined ? undefined : { path, pem: read.pem, certificate };
  }

  /** Undefined when there is no such file. Throws PkiError. */
  key(name: string): KeyFile | undefined {
    return readKey(this.pathOf(name));
  }

  text(name: string): string | undefined {
    return readText(this.pathOf(name));
  }

  /** The key, made (ECDSA P-256, in the form kubeadm writes) when there is none. Throws PkiError. */
  ensureKey(name: string): KeyFile {
    const existing = this.key(name);
    if (existing !== undefined) return existing;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const path = this.pathOf(name);
    this.#newKeys.push({ path, content: pem, mode: secretMode, how: 'create' });
    return { path, pem, key: privateKey };
  }

  /** Puts a certificate, given in DER, in the place of the one that is there. */
  putCertificate(name: string, der: Buffer): CertificateFile {
    const pem = certificatePem(der);
    this.putText(name, pem);
    return { path: this.pathOf(name), pem, certificate: new X509Certificate(der) };
  }

  putText(name: string, content: string): void {
    this.#newCertificates.push({ path: this.pathOf(name), content, mode: publicMode, how: 'replace' });
  }

  /**
   * Writes what is new, keys before certificates. Resolves when it is on disk; to false when another process made one of
   * the keys meanwhile: what was made in memory is then worth nothing. Rejects with the file system's error.
   */
  async publish(): Promise<boolean> {
    const files = [...this.#newKeys, ...this.#newCertificates];
    return files.length === 0 || publishFiles(files);
  }
}

/** The text of a file; undefined when there is none. Throws PkiError when it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new PkiError(`${path} cannot be read (${messageOf(error)}): give this user the right to read it`, {
      cause: error,
    });
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM file; undefined when there is no file. Throws PkiError when it holds none or a bad one. */
export function readCertificates(path: string): { pem: string; all: X509Certificate[] } | undefined {
  const pem = readText(path);
  if (pem === undefined) return undefined;
  try {
    const all = (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
    if (all.length > 0) return { pem, all };
  } catch (error) {
    throw new PkiError(`${path} holds a certificate that cannot be read (${messageOf(error)}): ${replaceIt}`, {
      cause: error,
    });
  }
  throw new PkiError(`${path} holds no certificate in PEM form: ${replaceIt}`);
}

/** The private key of a PEM file; undefined when there is no file. Throws PkiError when it holds none. */
export function readKey(path: string): KeyFile | undefined {
  const pem = readText(path);
  if (pem === undefined) return undefined;
  try {
    return { path, pem, key: createPrivateKey(pem) };
  } catch (error) {
    throw new PkiError(`${path} holds no private key that can be read (${messageOf(error)}): ${replaceIt}`, {
      cause: error,
    });
  }
}

/** The public half of a key, in PEM. */
export function publicPemOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
