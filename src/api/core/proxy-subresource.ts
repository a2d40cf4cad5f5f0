import type { ConnectSubresource } from '../contract.ts';

/** `proxy` of Pods, Services and Nodes: passes HTTP of every method on. */
export function proxySubresource(kind: string): ConnectSubresource {
  return { shape: 'connect', kind, verbs: ['create', 'delete', 'get', 'patch', 'update'] };
}
