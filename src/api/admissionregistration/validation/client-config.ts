import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain, isPortNumber } from '../../../machinery/names.ts';
import { quote } from '../../../machinery/quote.ts';
import type { ServiceReference, WebhookClientConfig } from '../../types/admissionregistration.v1.ts';

const form = '; desired format: https://host[/path]';
/** The parts of a URL (RFC 3986, appendix B). */
const urlParts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s;

/** Why Go's parser refuses a text as a URL. */
function urlFault(url: string): string | undefined {
  if ([...url].some((character) => character < ' ' || character === '\u007f'))
    return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(url);
  return escape === null ? undefined : `invalid URL escape ${quote(escape[0])}`;
}

function validateURL(url: string, path: Path, errors: FieldError[]): void {
  const fault = urlFault(url);
  if (fault !== undefined) {
    errors.push(path.required(`url must be a valid URL: parse ${quote(url)}: ${fault}${form}`));
    return;
  }
  const [, scheme = '', authority = '', query = '', fragment = ''] = urlParts.exec(url) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (scheme.toLowerCase() !== 'https') {
    errors.push(path.invalid(scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (host === '') errors.push(path.invalid(host, `host must be specified${form}`));
  if (at >= 0) errors.push(path.invalid(authority.slice(0, at), 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(path.invalid(fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(path.invalid(query, 'query parameters are not permitted in the URL'));
}

function validateServicePath(text: string, path: Path, errors: FieldError[]): void {
  if (text === '' || text === '/') return;
  if (text === '//') {
    errors.push(path.invalid(text, 'segment[0] may not be empty'));
    return;
  }
  if (!text.startsWith('/')) errors.push(path.invalid(text, "must start with a '/'"));
  const rest = text.slice(1);
  const segments = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/');
  segments.forEach((segment, index) => {
    if (segment === '') errors.push(path.invalid(text, `segment[${index}] may not be empty`));
    else {
      for (const sentence of isDNS1123Subdomain(segment)) {
        errors.push(path.invalid(text, `segment[${index}]: ${sentence}`));
      }
    }
  });
}

function validateService(service: ServiceReference, path: Path, errors: FieldError[]): void {
  if (!service.name) errors.push(path.child('name').required('service name is required'));
  if (!service.namespace) errors.push(path.child('namespace').required('service namespace is required'));
  const port = service.port ?? 0;
  const sentences = isPortNumber(port);
  if (sentences.length > 0) {
    errors.push(path.child('port').invalid(port, `port is not valid: ${sentences.join(',')}`));
  }
  validateServicePath(service.path ?? '', path.child('path'), errors);
}

/** Where a webhook is: a URL or a Service. */
export function validateClientConfig(config: Partial<WebhookClientConfig>, path: Path, errors: FieldError[]): void {
  const url = config.url ?? undefined;
  const service = config.service ?? undefined;
  if ((url === undefined) === (service === undefined)) {
    errors.push(path.required('exactly one of url or service is required'));
  } else if (url !== undefined) validateURL(url, path.child('url'), errors);
  else if (service !== undefined) validateService(service, path.child('service'), errors);
}
