import { X509Certificate } from 'node:crypto';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import { checkSignerName } from '../core/validation/signer-names.ts';
import { listOf, orZero, validateEnum } from '../field-rules.ts';
import type { CertificateSigningRequest } from '../types/certificates.v1.ts';
import { conditionsOf } from './conditions.ts';
import { decodePem } from './pem.ts';
import { signingRequestFault } from './signing-request.ts';

const requestPath = root('spec').child('request');
const usagesPath = root('spec').child('usages');
const signerNamePath = root('spec').child('signerName');
const expirationPath = root('spec').child('expirationSeconds');
const conditionsPath = root('status').child('conditions');
const certificatePath = root('status').child('certificate');
const minExpirationSeconds = 600;
const legacySignerName = 'kubernetes.io/legacy-unknown';
const statuses = ['False', 'True', 'Unknown'];
/** What is decided stays decided: these are true or not there. */
const decisions = ['Approved', 'Denied', 'Failed'];
const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

function textOf(base64: string | null | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('latin1');
}

function certificateFault(text: string): string | undefined {
  if (text === '') return undefined;
  const blocks = decodePem(text);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    try {
      new X509Certificate(bytes).toString();
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

type Request = CertificateSigningRequest;

function hasDuplicates(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}

function validateUsages({ spec }: Request, old: Request | undefined, errors: FieldError[]): void {
  const list = listOf<string>(spec?.usages);
  const stored = listOf<string>(old?.spec?.usages);
  if (list.length === 0) errors.push(usagesPath.required());
  if (stored.every((usage) => usages.includes(usage))) {
    list.forEach((usage, index) => validateEnum(usage, usages, usagesPath.index(index), errors));
  }
  if (hasDuplicates(stored)) return;
  list.forEach((usage, index) => {
    if (list.indexOf(usage) < index) errors.push(usagesPath.index(index).duplicate(usage));
  });
}

function typesOf(request: Request | undefined): string[] {
  return request === undefined ? [] : conditionsOf(request).map(({ type }) => type ?? '');
}

function validateConditions(request: Request, old: Request | undefined, errors: FieldError[]): void {
  const stored = typesOf(old);
  const seen = new Set<string>();
  const allowBoth = stored.includes('Approved') && stored.includes('Denied');
  conditionsOf(request).forEach(({ type = '', status = '' }, index) => {
    const path = conditionsPath.index(index);
    if (type === '' && !stored.includes('')) errors.push(path.child('type').required());
    if (status === '') errors.push(path.child('status').required());
    else validateEnum(status, decisions.includes(type) ? ['True'] : statuses, path.child('status'), errors);
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (!allowBoth && opposite !== undefined && seen.has(opposite)) {
      errors.push(conditionsPath.invalid(type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (seen.has(type) && !hasDuplicates(stored)) errors.push(path.child('type').duplicate(type));
    seen.add(type);
  });
}

function validateCertificate({ status }: Request, old: Request | undefined, errors: FieldError[]): void {
  const certificate = status?.certificate ?? '';
  const stored = old?.status?.certificate ?? '';
  // What the update does not touch, or was not right before, is let be.
  if (old !== undefined && (certificate === stored || certificateFault(textOf(stored)) !== undefined)) return;
  const fault = certificateFault(textOf(certificate));
  if (fault !== undefined) errors.push(certificatePath.invalid('<certificate data>', fault));
}

function validateRequest(request: Request, old: Request | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(request.spec);
  // A request never changes, and its signature is dear to verify.
  if (old === undefined || (spec.request ?? '') !== (old.spec?.request ?? '')) {
    const fault = signingRequestFault(textOf(spec.request));
    if (fault !== undefined) errors.push(requestPath.invalid(spec.request ?? null, fault));
  }
  validateUsages(request, old, errors);
  const signerName = spec.signerName ?? '';
  if (signerName === legacySignerName && old?.spec?.signerName !== legacySignerName) {
    const detail = 'the legacy signerName is not allowed via this API version';
    errors.push(signerNamePath.invalid(signerName, detail));
  } else checkSignerName(errors, signerNamePath, signerName);
  const seconds = spec.expirationSeconds ?? minExpirationSeconds;
  if (seconds < minExpirationSeconds) {
    const detail = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(expirationPath.invalid(seconds, detail));
  }
  validateConditions(request, old, errors);
  validateCertificate(request, old, errors);
  return errors;
}

export function validateSigningRequest(request: Request): FieldError[] {
  return validateRequest(request, undefined);
}

/** What the writer may do besides: approvers decide, signers issue. */
interface Capabilities {
  readonly mayDecide: boolean;
  readonly mayIssue: boolean;
}

function validateChange(request: Request, old: Request, { mayDecide, mayIssue }: Capabilities): FieldError[] {
  const errors = validateRequest(request, old);
  const [types, stored] = [typesOf(request), typesOf(old)];
  const count = (list: readonly string[], type: string): number => list.filter((one) => one === type).length;
  for (const type of decisions) {
    if (count(types, type) < count(stored, type)) {
      errors.push(conditionsPath.forbidden(`updates may not remove a condition of type ${quote(type)}`));
    }
  }
  for (const type of mayDecide ? [] : ['Approved', 'Denied']) {
    const [present, before] = [conditionsOf(request), conditionsOf(old)].map((conditions) =>
      conditions.filter((condition) => condition?.type === type),
    );
    if (count(types, type) > count(stored, type)) {
      errors.push(conditionsPath.forbidden(`updates may not add a condition of type ${quote(type)}`));
    } else if (count(types, type) === count(stored, type) && !semanticDeepEqual(present, before)) {
      errors.push(conditionsPath.forbidden(`updates may not modify a condition of type ${quote(type)}`));
    }
  }
  const [certificate, issued] = [request.status?.certificate ?? '', old.status?.certificate ?? ''];
  if (certificate === issued) return errors;
  if (!mayIssue) errors.push(certificatePath.forbidden('updates may not set certificate content'));
  else if (issued !== '') {
    errors.push(certificatePath.forbidden('updates may not modify existing certificate content'));
  }
  return errors;
}

export function validateSigningRequestUpdate(request: Request, old: Request): FieldError[] {
  return validateChange(request, old, { mayDecide: false, mayIssue: false });
}

export function validateApproval(request: Request, old: Request): FieldError[] {
  return validateChange(request, old, { mayDecide: true, mayIssue: false });
}

export function validateSigningRequestStatus(request: Request, old: Request): FieldError[] {
  return validateChange(request, old, { mayDecide: false, mayIssue: true });
}
