import type { AuthorizationMode } from './modes.ts';

/** What the authorization flags say. */
export interface AuthorizationOptions {
  /** In the order in which they are asked. */
  readonly modes: readonly AuthorizationMode[];
}
