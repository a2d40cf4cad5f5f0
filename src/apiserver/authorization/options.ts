import type { AuthorizationMode } from './modes.ts';
import type { WebhookSettings } from './webhook/settings.ts';

/** What the authorization flags say. */
export interface AuthorizationOptions {
  /** In the order in which they are asked. */
  readonly modes: readonly AuthorizationMode[];
  /** Of the mode Webhook. */
  readonly webhook?: WebhookSettings;
  /** `--authorization-config`: stands in for all of the above. */
  readonly configFile?: string;
}
