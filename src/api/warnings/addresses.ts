import { parseWrittenCIDR } from '../../machinery/cidr.ts';
import type { Path } from '../../machinery/field-error.ts';
import { formatIP, parseWrittenIP } from '../../machinery/ip-address.ts';
import { quote } from '../../machinery/quote.ts';

/** What upstream says of an address that is read, and better be written otherwise (KEP-4858). */
export function addressWarnings(path: Path, text: string | undefined): string[] {
  const written = text ? parseWrittenIP(text) : undefined;
  if (text === undefined || written === undefined) return [];
  const canonical = formatIP(written);
  if (written.hasLeadingZeros || written.isMapped) {
    const advice = `use ${quote(canonical)}`;
    return [
      `${path}: non-standard IP address ${quote(text)} will be considered invalid in a future Kubernetes release: ${advice}`,
    ];
  }
  if (canonical === text) return [];
  return [`${path}: IPv6 address ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`];
}

/** The same for a network. */
export function networkWarnings(path: Path, text: string | undefined): string[] {
  const written = text ? parseWrittenCIDR(text) : undefined;
  if (text === undefined || written === undefined) return [];
  const { address, network } = written;
  const canonical = network.toString();
  const warnings: string[] = [];
  if (network.family === address.family && network.base !== address.value) {
    const single = `${formatIP(address)}/${address.family === 4 ? 32 : 128}`;
    const choices = `should be ${quote(canonical)} or ${quote(single)}?`;
    warnings.push(`${path}: CIDR value ${quote(text)} is ambiguous in this context (${choices})`);
  }
  if (written.hasLeadingZeros || address.isMapped) {
    const advice = `use ${quote(canonical)}`;
    warnings.push(
      `${path}: non-standard CIDR value ${quote(text)} will be considered invalid in a future Kubernetes release: ${advice}`,
    );
  }
  if (warnings.length === 0 && canonical !== text) {
    warnings.push(
      `${path}: IPv6 CIDR value ${quote(text)} should be in RFC 5952 canonical format (${quote(canonical)})`,
    );
  }
  return warnings;
}
