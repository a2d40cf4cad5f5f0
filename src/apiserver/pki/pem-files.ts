/** Keys and certificates on disk: read with errors that say what to do, written whole. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createFile } from '../../machinery/atomic-file.ts';

/** Something is wrong with a file of the PKI; the message names the file and the remedy. */
export class PkiError extends Error {
  override name = 'PkiError';
}

/** A certificate's file, read. */
export interface CertificateFile {
  readonly path: string;
  readonly pem: string;
  /** The first certificate of the file; what follows is its chain. */
  readonly certificate: X509Certificate;
}

/** A private key's file, read. */
export interface KeyFile {
  readonly path: string;
  readonly pem: string;
  readonly key: KeyObject;
}

export const publicMode = 0o644;
export const secretMode = 0o600;

/** The text of a file; undefined when there is none. Throws PkiError when it cannot be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new PkiError(`${path} cannot be read (${messageOf(error)}): give this user the right to read it`, {
      cause: error,
    });
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM file; undefined when there is no file. Throws PkiError when it holds none or a bad one. */
export async function readCertificates(path: string): Promise<{ pem: string; all: X509Certificate[] } | undefined> {
  const pem = await readText(path);
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

export async function readCertificate(path: string): Promise<CertificateFile | undefined> {
  const read = await readCertificates(path);
  const certificate = read?.all[0];
  return read === undefined || certificate === undefined ? undefined : { path, pem: read.pem, certificate };
}

/** The private key of a PEM file; undefined when there is no file. Throws PkiError when it holds none. */
export async function readKey(path: string): Promise<KeyFile | undefined> {
  const pem = await readText(path);
  return pem === undefined ? undefined : parseKey(path, pem);
}

/** The key of `path`, made (ECDSA P-256, in the form kubeadm writes) when there is none. Throws PkiError. */
export async function ensureKey(path: string): Promise<KeyFile> {
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  if (await createFile(path, pem, secretMode)) return { path, pem, key: privateKey };
  // Another process was faster: its key is the one.
  const winner = await readKey(path);
  if (winner === undefined) throw new PkiError(`${path} was created and removed by another process: start again`);
  return winner;
}

export const replaceIt = 'put the right file in its place, or remove it to have a new one made';

export function parseKey(path: string, pem: string): KeyFile {
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
