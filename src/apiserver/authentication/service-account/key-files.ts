/** The keys of service account tokens: from files that flags name, and from the PKI. */
import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { algorithmOf } from '../../../machinery/jwt/algorithms.ts';
import { publicHalf } from '../../../machinery/jwt/jwk.ts';
import { JwtSigner } from '../../../machinery/jwt/jws.ts';
import { publicKeysOfPem } from '../../../machinery/jwt/pem-keys.ts';
import { SetupError } from '../../setup-error.ts';
import type { FileWatch } from '../watched-file.ts';
import { VerificationKeys } from './keys.ts';
import type { TokenSigner } from './token-request.ts';

export interface KeyFileOptions {
  /** `--service-account-key-file` */
  readonly keyFiles: readonly string[];
  /** `--service-account-signing-key-file`, or the PKI's `sa.key`. */
  readonly signingKeyFile: string;
  readonly watch: FileWatch;
}

export interface ServiceAccountKeys {
  readonly signer: TokenSigner;
  /** Those of the key files and the public half of the one that signs. */
  readonly keys: VerificationKeys;
}

/** Reads the files, and again whenever one changes. Throws SetupError with the file that is wrong. */
export function loadServiceAccountKeys({ keyFiles, signingKeyFile, watch }: KeyFileOptions): ServiceAccountKeys {
  const published = keyFiles.map((path) => {
    const content = readText(path, '--service-account-key-file');
    return { path, content, keys: explained(path, () => verificationKeys(content)) };
  });
  const signingText = readText(signingKeyFile, '--service-account-signing-key-file');
  let signingKey = explained(signingKeyFile, () => createPrivateKey(signingText));
  const signer = { current: explained(signingKeyFile, () => new JwtSigner(signingKey)) };
  const all = (): KeyObject[] => [publicHalf(signingKey), ...published.flatMap(({ keys }) => keys)];
  const keys = new VerificationKeys(all());
  for (const file of published) {
    watch.add(file.path, file.content, (content) => {
      file.keys = verificationKeys(content);
      keys.replace(all());
    });
  }
  watch.add(signingKeyFile, signingText, (content) => {
    const key = createPrivateKey(content);
    signer.current = new JwtSigner(key);
    signingKey = key;
    keys.replace(all());
  });
  return { signer, keys };
}

function verificationKeys(text: string): KeyObject[] {
  const keys = publicKeysOfPem(text);
  if (keys.length === 0) throw new Error('it holds no public or private key in PEM form');
  if (keys.some((key) => algorithmOf(key) === undefined)) {
    throw new Error('it holds a key that is neither RSA nor on the curve P-256, P-384 or P-521');
  }
  return keys;
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SetupError(`${path}, named by ${flag}, cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function explained<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SetupError(`${path} cannot be used for service account tokens: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
