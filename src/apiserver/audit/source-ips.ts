import { isIP } from 'node:net';
import type { Exchange } from '../contract.ts';

/**
 * Where a request came from: what proxies say of it, in the order in which they passed it on, and last the address that
 * the connection came from, which alone cannot be made up.
 */
export function sourceIPs(exchange: Exchange): string[] {
  const found: string[] = [];
  for (const part of (exchange.headerValues('x-forwarded-for')[0] ?? '').split(',')) {
    const address = addressOf(part.trim());
    if (address !== undefined) found.push(address);
  }
  const realIP = addressOf(exchange.headerValues('x-real-ip')[0] ?? '');
  if (realIP !== undefined && !found.includes(realIP)) found.push(realIP);
  const remote = addressOf(exchange.connection.remoteAddress);
  if (remote !== undefined && found.at(-1) !== remote) found.push(remote);
  return found;
}

const mapped = '::ffff:';

/** IPv4 addresses in the form of IPv6 are those IPv4 addresses. */
function addressOf(text: string): string | undefined {
  const address = text.toLowerCase().startsWith(mapped) && text.includes('.') ? text.slice(mapped.length) : text;
  return isIP(address) === 0 ? undefined : address;
}
