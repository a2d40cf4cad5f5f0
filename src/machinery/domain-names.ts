import type { FieldError, Path } from './field-error.ts';
import { formError, isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from './names.ts';

/** The path of a URL as RFC 3986 allows it. */
const urlPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const urlPathPattern = new RegExp(`^${urlPath}$`);

/** A subdomain of at least three labels: the name of a signer's or a gate's domain. */
export function validateFullyQualifiedName(path: Path, name: string): FieldError[] {
  if (name === '') return [path.required()];
  const errors = isDNS1123Subdomain(name);
  if (errors.length > 0) return [path.invalid(name, errors.join(','))];
  if (name.split('.').length >= 3) return [];
  return [path.invalid(name, 'should be a domain with at least three segments separated by dots')];
}

/** A subdomain of at least two labels, with or without the dot at its end. */
export function validateFullyQualifiedDomainName(path: Path, value: string): FieldError[] {
  if (value === '') return [path.required()];
  const name = value.endsWith('.') ? value.slice(0, -1) : value;
  const errors = isDNS1123Subdomain(name);
  if (errors.length > 0) return [path.invalid(name, errors.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [path.invalid(name, 'should be a domain with at least two segments separated by dots')];
  }
  for (const label of labels) {
    const labelErrors = isDNS1123Label(label);
    if (labelErrors.length > 0) return [path.invalid(label, labelErrors.join(','))];
  }
  return [];
}

/** `acme.io/foo/bar`: a domain, a slash, and the path of a URL. */
export function validateDomainPrefixedPath(path: Path, value: string): FieldError[] {
  if (value === '') return [path.required()];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) {
    return [path.invalid(value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)];
  const errors = isDNS1123Subdomain(host).map((sentence) => path.invalid(host, sentence));
  if (!urlPathPattern.test(rest)) errors.push(path.invalid(rest, formError('Invalid path', urlPath)));
  return errors;
}

/** `acme.io/foo`: a qualified name whose domain is not left out. */
export function validateDomainPrefixedKey(path: Path, value: string): FieldError[] {
  if (value === '') return [path.required()];
  const errors = isQualifiedName(value);
  if (errors.length > 0) return errors.map((sentence) => path.invalid(value, sentence));
  return value.includes('/') ? [] : [path.invalid(value, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}
