/** What a kubelet may ask a certificate for (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers). */
import type { SigningRequest } from '../../machinery/x509/signing-request.ts';

const nodesGroup = 'system:nodes';
const nodePrefix = 'system:node:';

/** Why it is no request of a kubelet that wants to talk to the API server; undefined: it is one. */
export function kubeletClientFault(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return nameFault(request) ?? usagesFault(usages, 'client auth');
}

/** Why it is no request of a kubelet that wants to serve; undefined: it is one. */
export function kubeletServingFault(request: SigningRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return usagesFault(usages, 'server auth') ?? nameFault(request);
}

/** Why nobody may use such a certificate as a client of the API server; undefined: it is fine. */
export function apiServerClientFault(usages: readonly string[]): string | undefined {
  const unknown = usages.find(
    (usage) => usage !== 'digital signature' && usage !== 'key encipherment' && usage !== 'client auth',
  );
  if (unknown !== undefined) return `invalid usage for client certificate: ${unknown}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function isOfNodes({ subject: { organizations } }: SigningRequest): boolean {
  return organizations.length === 1 && organizations[0] === nodesGroup;
}

function nameFault({ subject: { commonName } }: SigningRequest): string | undefined {
  return commonName.startsWith(nodePrefix) ? undefined : 'subject common name does not begin with system:node:';
}

/** Keys that are not RSA cannot encipher: they need not ask for it. */
function usagesFault(usages: readonly string[], own: string): string | undefined {
  const asked = [...new Set(usages)].filter((usage) => usage !== 'key encipherment').sort();
  const required = ['digital signature', own].sort();
  if (asked.length === 2 && asked.every((usage, index) => usage === required[index])) return undefined;
  return `usages did not match [${['digital signature', 'key encipherment', own].sort().join(' ')}]`;
}
