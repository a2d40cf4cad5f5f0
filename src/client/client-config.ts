/** How to reach an API server and who to be there: what a kubeconfig comes down to once a context is chosen. */
export interface ClientConfig {
  readonly server: URL;
  /** The namespace of the context; `default` unless it says another. */
  readonly namespace: string;
  readonly tls: ClientTls;
  readonly credentials: ClientCredentials;
  /** Whom to act as; needs the right to impersonate. */
  readonly impersonate?: Impersonation;
}

export interface ClientTls {
  /** PEM of whom to trust. Undefined: the machine's own authorities. */
  readonly ca?: Buffer;
  /** The name that the server's certificate must bear when it is not the URL's. */
  readonly serverName?: string;
  /** Trust whoever answers. */
  readonly insecureSkipVerify: boolean;
}

export interface ClientCredentials {
  /** PEM. */
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  /** The bearer token of now: one from a file is read anew as it is renewed. */
  readonly token?: () => string;
  readonly basic?: { readonly username: string; readonly password: string };
}

export interface Impersonation {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** A configuration that no client can be made of; the message says what is wrong with it, and where. */
export class ClientConfigError extends Error {
  override name = 'ClientConfigError';
}
