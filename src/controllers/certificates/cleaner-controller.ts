import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Informer } from '../../client/informer.ts';
import { certificateSigningRequests } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isIssued } from './request.ts';

const hourMs = 3_600_000;
/** How often it is looked, and after how long each goes. */
const periodMs = hourMs;
const handledMs = hourMs;
const pendingMs = 24 * hourMs;

/** Removes requests that have served their purpose, or never will. */
export class CleanerController implements Controller {
  readonly #context: ControllerContext;
  readonly #requests: Informer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#requests = context.informers.of(certificateSigningRequests);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#requests.synced;
    const { client, clock, log } = this.#context;
    while (!signal.aborted) {
      for (const request of this.#requests.lister.values()) {
        const { name = '', uid = '' } = request.metadata;
        try {
          if (!isOutlived(request, clock.now())) continue;
          await client.delete(certificateSigningRequests, undefined, name, { preconditions: { uid } });
        } catch (error) {
          if (signal.aborted || hasReason(error, 'NotFound')) continue;
          log.v(2)?.info('A request could not be cleaned', { request: name, error: String(error) });
        }
      }
      await clock.sleep(periodMs, signal).catch(() => {});
    }
  }
}

/** Whether a request is to be removed. Throws when its certificate cannot be read. */
export function isOutlived(request: CertificateSigningRequest, nowMs: number): boolean {
  const { metadata, status } = request;
  const isOlder = (time: string | null | undefined, ageMs: number): boolean =>
    typeof time === 'string' && nowMs - Date.parse(time) > ageMs;
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0 && isOlder(metadata.creationTimestamp, pendingMs)) return true;
  const isHandled = conditions.some(
    ({ type, lastUpdateTime }) =>
      (type === 'Denied' || type === 'Failed' || (type === 'Approved' && isIssued(request))) &&
      isOlder(lastUpdateTime, handledMs),
  );
  if (isHandled) return true;
  if (!isIssued(request) || !conditions.some(({ type }) => type === 'Approved')) return false;
  const certificate = new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'));
  return nowMs > certificate.validToDate.getTime();
}
