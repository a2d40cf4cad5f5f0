import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { UserInfo } from '../../api/contract.ts';
import { parseCsv } from '../../machinery/csv.ts';
import { authenticated } from './audiences.ts';
import type { UserToken } from './audiences.ts';
import type { Authenticated } from './contract.ts';

/** A file that `--token-auth-file` names is not as it must be. */
export class TokenFileError extends Error {
  override name = 'TokenFileError';
}

/**
 * Static tokens from a CSV file: `token,user,uid,"group1,group2"`, one a line, groups optional
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file).
 */
export class TokenFileAuthenticator implements UserToken {
  /** By the hash of the token: how long looking one up takes says nothing about the tokens that there are. */
  readonly #users = new Map<string, Authenticated>();
  /** What the file holds and upstream puts up with. */
  readonly warnings: readonly string[];

  /** `text` is the file's content, `path` its name for messages. Throws TokenFileError with the line that is wrong. */
  constructor(text: string, path: string) {
    const warnings: string[] = [];
    const refuse = (line: number, problem: string): never => {
      throw new TokenFileError(`token file '${path}', line ${line}: ${problem}`);
    };
    for (const { line, fields } of parseCsv(text, refuse)) {
      const [token = '', username = '', uid = '', groups = ''] = fields;
      if (fields.length < 3) {
        refuse(line, `must have at least 3 columns (token, user name, user uid), found ${fields.length}`);
      }
      if (token === '') {
        warnings.push(`empty token has been found in token file '${path}', line ${line}`);
        continue;
      }
      if (username === '') refuse(line, 'the user name is empty');
      const key = keyOf(token);
      if (this.#users.has(key)) warnings.push(`duplicate token has been found in token file '${path}', line ${line}`);
      const user: UserInfo = {
        username,
        ...(uid === '' ? {} : { uid }),
        groups: groups.split(',').filter((group) => group !== ''),
      };
      this.#users.set(key, authenticated(user));
    }
    this.warnings = warnings;
  }

  /** Rejects with TokenFileError. */
  static async load(path: string): Promise<TokenFileAuthenticator> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TokenFileError(`token file '${path}', named by --token-auth-file, cannot be read: ${reason}`, {
        cause: error,
      });
    }
    return new TokenFileAuthenticator(text, path);
  }

  authenticateToken(token: string): Authenticated | undefined {
    return this.#users.get(keyOf(token));
  }
}

function keyOf(token: string): string {
  return hash('sha256', token, 'base64');
}
