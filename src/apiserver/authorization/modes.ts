/** Values of `--authorization-mode` that work. */
export const authorizationModes = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const;
export type AuthorizationMode = (typeof authorizationModes)[number];

/** Upstream's own default is AlwaysAllow, which is to be had here by those who ask for it. */
export const defaultModes: readonly AuthorizationMode[] = ['Node', 'RBAC'];

export function isAuthorizationMode(text: string): text is AuthorizationMode {
  return authorizationModes.some((mode) => mode === text);
}
