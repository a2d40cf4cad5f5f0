import { humanDuration } from '../../machinery/human-duration.ts';
import { formatTime } from '../../machinery/time.ts';
import { ageColumn, column, nameColumn, orNone } from '../columns.ts';
import type { StrategyContext, ViewSubresource } from '../contract.ts';
import { defineResource } from '../define.ts';
import type { CertificateSigningRequest } from '../types/certificates.v1.ts';
import { conditionsOf, keepsDecisions, setConditions, stampConditions } from './conditions.ts';
import {
  validateApproval,
  validateSigningRequest,
  validateSigningRequestStatus,
  validateSigningRequestUpdate,
} from './validation.ts';

type Request = CertificateSigningRequest;

/** The signer must be able to trust who asked, so the requester is the user of the request, never what it says. */
function recordRequester(request: Request, { user }: StrategyContext): void {
  request.spec = { ...request.spec, username: user.username };
  const { spec } = request;
  delete spec.uid;
  delete spec.groups;
  delete spec.extra;
  if (user.uid !== undefined && user.uid !== '') spec.uid = user.uid;
  if (user.groups.length > 0) spec.groups = [...user.groups];
  const extra = Object.entries(user.extra ?? {});
  if (extra.length > 0) spec.extra = Object.fromEntries(extra.map(([key, values]) => [key, [...values]]));
}

/** Changes the conditions alone: for who approves or denies. */
const approval: ViewSubresource<Request> = {
  shape: 'view',
  merge(submitted, stored, { nowMs }) {
    stampConditions(submitted, stored, formatTime(nowMs));
    const conditions = conditionsOf(submitted);
    submitted.spec = stored.spec;
    submitted.status = { ...stored.status };
    setConditions(submitted, conditions);
    return submitted;
  },
  validate: validateApproval,
};

/** Changes the certificate and conditions such as Failed, but no decision: for who signs. */
const status: ViewSubresource<Request> = {
  shape: 'view',
  merge(submitted, stored, { nowMs }) {
    submitted.spec = stored.spec;
    if (!keepsDecisions(submitted, stored)) setConditions(submitted, conditionsOf(stored));
    stampConditions(submitted, stored, formatTime(nowMs));
    return submitted;
  },
  validate: validateSigningRequestStatus,
};

function conditionCell(request: Request): string {
  const types = new Set(conditionsOf(request).map((condition) => condition?.type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  return [
    decision,
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(request.status?.certificate ? ['Issued'] : []),
  ].join(',');
}

function durationCell({ spec }: Request): string {
  return typeof spec?.expirationSeconds === 'number' ? humanDuration(spec.expirationSeconds * 1000) : '<none>';
}

export const certificatesigningrequests = defineResource<Request>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  namespaced: false,
  nameRule: 'pathSegment',
  validate: validateSigningRequest,
  validateUpdate: validateSigningRequestUpdate,
  generationChanges: 'none',
  prepareForCreate: recordRequester,
  // What was asked for never changes: it may already have been approved.
  prepareForUpdate(request, old) {
    request.spec = old.spec;
  },
  selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', ({ spec }) => orNone(spec?.signerName)),
    column('Requestor', ({ spec }) => spec?.username ?? ''),
    column('RequestedDuration', durationCell),
    column('Condition', conditionCell),
  ],
  subresources: { approval, status },
});
