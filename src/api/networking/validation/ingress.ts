import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { parseWrittenIP } from '../../../machinery/ip-address.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isPortName,
  isPortNumber,
  isWildcardDNS1123Subdomain,
} from '../../../machinery/names.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../../field-rules.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
} from '../../types/networking.v1.ts';
import { validateLocalReference } from './local-reference.ts';

const specPath = root('spec');
const defaultBackendPath = specPath.child('defaultBackend');
const rulesPath = specPath.child('rules');
const tlsPath = specPath.child('tls');
const classNamePath = specPath.child('ingressClassName');
const classAnnotation = 'kubernetes.io/ingress.class';
const classAnnotationPath = root('annotations').child(classAnnotation);
const loadBalancerPath = root('status').child('loadBalancer').child('ingress');
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const refusedSequences = ['//', '/./', '/../', '%2f', '%2F'];
const refusedEndings = ['/..', '/.'];
const notAnAddress = 'must be a DNS name, not an IP address';

/** What an update may keep because the stored ingress holds it. */
interface IngressOptions {
  readonly allowInvalidSecretName: boolean;
  readonly allowInvalidWildcardHostRule: boolean;
}

function validateServiceBackend(service: IngressServiceBackend, path: Path, errors: FieldError[]): void {
  const servicePath = path.child('service');
  const name = service.name ?? '';
  if (name === '') errors.push(servicePath.child('name').required());
  else validateByRule(isDNS1123Label, name, servicePath.child('name'), errors);
  const { name: portName = '', number: portNumber = 0 } = orZero(service.port);
  if (portName !== '' && portNumber !== 0) errors.push(path.invalid('', 'cannot set both port name & port number'));
  else if (portName !== '') validateByRule(isPortName, portName, servicePath.child('port', 'name'), errors);
  else if (portNumber === 0) errors.push(path.required('port name or number is required'));
  else {
    for (const sentence of isPortNumber(portNumber)) {
      errors.push(servicePath.child('port', 'number').invalid(portNumber, sentence));
    }
  }
}

function validateBackend(backend: Partial<IngressBackend>, path: Path, errors: FieldError[]): void {
  const resource = backend.resource ?? undefined;
  const service = backend.service ?? undefined;
  if (resource !== undefined && service !== undefined) {
    errors.push(path.invalid('', 'cannot set both resource and service backends'));
  } else if (resource !== undefined) validateLocalReference(resource, path.child('resource'), errors);
  else if (service !== undefined) validateServiceBackend(service, path, errors);
  else errors.push(path.invalid('', 'resource or service backend is required'));
}

function validateURLPath(text: string, path: Path, errors: FieldError[]): void {
  if (!text.startsWith('/')) errors.push(path.invalid(text, 'must be an absolute path'));
  for (const sequence of refusedSequences) {
    if (text.includes(sequence)) errors.push(path.invalid(text, `must not contain '${sequence}'`));
  }
  for (const ending of refusedEndings) {
    if (text.endsWith(ending)) errors.push(path.invalid(text, `cannot end with '${ending}'`));
  }
}

function validateHTTPPath(httpPath: HTTPIngressPath, path: Path, errors: FieldError[]): void {
  const type = httpPath.pathType ?? undefined;
  const text = httpPath.path ?? '';
  if (type === undefined) {
    errors.push(path.child('pathType').required('pathType must be specified'));
    return;
  }
  if (type === 'Exact' || type === 'Prefix') validateURLPath(text, path.child('path'), errors);
  else if (type === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) {
      errors.push(path.child('path').invalid(text, 'must be an absolute path'));
    }
  } else validateEnum(type, pathTypes, path.child('pathType'), errors);
  validateBackend(orZero(httpPath.backend), path.child('backend'), errors);
}

function validateHTTP({ http }: IngressRule, path: Path, errors: FieldError[]): void {
  if (http === undefined || http === null) return;
  const pathsPath = path.child('http').child('paths');
  const paths = listOf(http.paths);
  if (paths.length === 0) errors.push(pathsPath.required());
  paths.forEach((httpPath, index) => validateHTTPPath(httpPath, pathsPath.index(index), errors));
}

function isWildcard(host: string): boolean {
  return host.includes('*');
}

function validateHost(host: string, path: Path, errors: FieldError[]): void {
  validateByRule(isWildcard(host) ? isWildcardDNS1123Subdomain : isDNS1123Subdomain, host, path, errors);
}

function validateRule(rule: IngressRule, options: IngressOptions, path: Path, errors: FieldError[]): void {
  const host = rule.host ?? '';
  if (host !== '') {
    const hostPath = path.child('host');
    if (parseWrittenIP(host) !== undefined) errors.push(hostPath.invalid(host, notAnAddress));
    validateHost(host, hostPath, errors);
  }
  if (!isWildcard(host) || !options.allowInvalidWildcardHostRule) validateHTTP(rule, path, errors);
}

function validateTLS({ tls }: Partial<IngressSpec>, options: IngressOptions, errors: FieldError[]): void {
  listOf(tls).forEach(({ hosts, secretName = '' }, index) => {
    const path = tlsPath.index(index);
    listOf(hosts).forEach((host, i) => validateHost(host, path.child('hosts').index(i), errors));
    if (secretName === '' || options.allowInvalidSecretName) return;
    validateByRule(isDNS1123Subdomain, secretName, path.child('secretName'), errors);
  });
}

function validateSpec(spec: Partial<IngressSpec>, options: IngressOptions): FieldError[] {
  const errors: FieldError[] = [];
  const rules = listOf(spec.rules);
  const backend = spec.defaultBackend ?? undefined;
  if (rules.length === 0 && backend === undefined) {
    errors.push(specPath.invalid(spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (backend !== undefined) validateBackend(backend, defaultBackendPath, errors);
  rules.forEach((rule, index) => validateRule(rule, options, rulesPath.index(index), errors));
  validateTLS(spec, options, errors);
  const className = spec.ingressClassName ?? undefined;
  if (className !== undefined) validateByRule(isDNS1123Subdomain, className, classNamePath, errors);
  return errors;
}

export function validateIngress(ingress: Ingress): FieldError[] {
  const spec = orZero(ingress.spec);
  const errors = validateSpec(spec, { allowInvalidSecretName: false, allowInvalidWildcardHostRule: false });
  const annotated = ingress.metadata?.annotations?.[classAnnotation];
  const className = spec.ingressClassName ?? undefined;
  if (typeof annotated === 'string' && className !== undefined && annotated !== className) {
    const detail = 'must match `ingressClassName` when both are specified';
    errors.push(classAnnotationPath.invalid(annotated, detail));
  }
  return errors;
}

function hasInvalidSecretName({ tls }: Partial<IngressSpec>): boolean {
  return listOf(tls).some(({ secretName = '' }) => secretName !== '' && isDNS1123Subdomain(secretName).length > 0);
}

function hasInvalidWildcardHostRule({ rules }: Partial<IngressSpec>): boolean {
  return listOf(rules).some((rule) => {
    const errors: FieldError[] = [];
    if (isWildcard(rule.host ?? '')) validateHTTP(rule, rulesPath, errors);
    return errors.length > 0;
  });
}

export function validateIngressUpdate(ingress: Ingress, old: Ingress): FieldError[] {
  const stored = orZero(old.spec);
  return validateSpec(orZero(ingress.spec), {
    allowInvalidSecretName: hasInvalidSecretName(stored),
    allowInvalidWildcardHostRule: hasInvalidWildcardHostRule(stored),
  });
}

export function validateIngressStatus({ status }: Ingress, old: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const oldValues = listOf(old.status?.loadBalancer?.ingress).map(({ ip }) => ip ?? '');
  listOf(status?.loadBalancer?.ingress).forEach(({ ip = '', hostname = '' }, index) => {
    const path = loadBalancerPath.index(index);
    if (ip !== '') errors.push(...validateIPForLegacyField(path.child('ip'), ip, { strict: true, oldValues }));
    if (hostname === '') return;
    validateByRule(isDNS1123Subdomain, hostname, path.child('hostname'), errors);
    if (parseWrittenIP(hostname) !== undefined) errors.push(path.child('hostname').invalid(hostname, notAnAddress));
  });
  return errors;
}
