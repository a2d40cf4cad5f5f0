import type { AuthorizationAttributes, Authorizer, Decision } from '../contract.ts';

/** What upstream's `system:public-info-viewer` opens to everybody: whether the server lives, and which version it is. */
const publicPaths = ['/healthz', '/livez', '/readyz', '/version'] as const;

/** Whether a path, or the path above it, tells everybody about the server's health or version. */
export function isPublicPath(path: string): boolean {
  // Nothing resolves dots here; a path that has some is none of these, should anything ever.
  if (path.includes('..')) return false;
  return publicPaths.some(
    (open) => path.startsWith(open) && (path.length === open.length || path[open.length] === '/'),
  );
}

/** Lets everybody read the public paths. */
export class PublicPathsAuthorizer implements Authorizer {
  readonly name = 'PublicPaths';

  authorize({ request }: AuthorizationAttributes): Decision {
    const isRead = request.verb === 'get' || request.verb === 'head';
    return isRead && !request.isResourceRequest && isPublicPath(request.path) ? allowed : noOpinion;
  }
}

const allowed: Decision = { verdict: 'allow', reason: '' };
const noOpinion: Decision = { verdict: 'noOpinion', reason: '' };
