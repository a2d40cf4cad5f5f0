import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain, maxLabelLength, maxSubdomainLength } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/quote.ts';

/** `example.com/signer-name`: who signs certificates. */
export function checkSignerName(errors: FieldError[], path: Path, name: string): void {
  if (name === '') {
    errors.push(path.required());
    return;
  }
  const [domain = '', rest, ...more] = name.split('/');
  if (rest === undefined || more.length > 0) {
    errors.push(path.invalid(name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  if (domain.length > maxSubdomainLength) errors.push(path.tooLong(domain, maxSubdomainLength));
  const labels = domain.split('.');
  checkLabels(errors, path, domain, labels, isDNS1123Label);
  if (labels.length < 2) {
    errors.push(path.invalid(domain, 'should be a domain with at least two segments separated by dots'));
  }
  checkLabels(errors, path, rest, rest.split('.'), isDNS1123Subdomain);
  const maxLength = maxSubdomainLength + maxLabelLength + 1;
  if (rest.length > maxLength) errors.push(path.tooLong(rest, maxLength));
}

/** Only the first label that is wrong is told. */
function checkLabels(
  errors: FieldError[],
  path: Path,
  value: string,
  labels: readonly string[],
  rule: (label: string) => string[],
): void {
  for (const label of labels) {
    const sentences = rule(label);
    for (const sentence of sentences) {
      errors.push(path.invalid(value, `validating label ${quote(label)}: ${sentence}`));
    }
    if (sentences.length > 0) return;
  }
}

/** The name of a ClusterTrustBundle: that of a signer starts with the signer's name, colons for slashes. */
export function trustBundleNameFaults(name: string): string[] {
  const colon = name.lastIndexOf(':');
  return isDNS1123Subdomain(colon < 0 ? name : name.slice(colon + 1));
}
