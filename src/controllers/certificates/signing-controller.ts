import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { certificateSigningRequests } from '../../client/resources.ts';
import { formatTime } from '../../machinery/time.ts';
import { certificatePem } from '../../machinery/x509/certificate.ts';
import type { SigningRequest } from '../../machinery/x509/signing-request.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { apiServerClientFault, kubeletClientFault, kubeletServingFault } from './node-request.ts';
import { hasCondition, isIssued, requestOf, requestRateLimiter } from './request.ts';
import { Authority, lifetimeMs } from './signing.ts';

/** By the signer's name, why it does not sign a request; undefined: it does. */
const signers: Readonly<Record<string, (asked: SigningRequest, usages: readonly string[]) => string | undefined>> = {
  'kubernetes.io/kubelet-serving': kubeletServingFault,
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientFault,
  'kubernetes.io/kube-apiserver-client': (_asked, usages) => apiServerClientFault(usages),
  'kubernetes.io/legacy-unknown': () => undefined,
};

/** Signs what was approved, for the signers that are part of every cluster. */
export class SigningController implements Controller {
  readonly #context: ControllerContext;
  readonly #authority: Authority;
  readonly #requests: Informer<CertificateSigningRequest>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext, signing: { readonly certificate: string; readonly key: string }) {
    this.#context = context;
    this.#authority = new Authority(signing);
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('certificate'),
      workers: 5,
      rateLimiter: requestRateLimiter(context.clock),
      reconcile: (name, cause) => this.#reconcile(name, context.client.causedBy(cause)),
    });
    this.#requests = context.informers.of(certificateSigningRequests);
    const enqueue = ({ metadata }: CertificateSigningRequest): void =>
      this.#loop.enqueue(metadata.name ?? '', metadata.resourceVersion);
    this.#requests.addHandlers({ added: enqueue, updated: enqueue });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#requests.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const request = this.#requests.lister.get(name);
    if (request === undefined || isIssued(request) || hasCondition(request, 'Failed')) return;
    if (!hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return;
    const { signerName, usages = [], expirationSeconds } = request.spec;
    const faultOf = Object.hasOwn(signers, signerName) ? signers[signerName] : undefined;
    if (faultOf === undefined) return;
    const asked = requestOf(request);
    const { clock, random, options } = this.#context;
    const nowMs = clock.now();
    const fault = faultOf(asked, usages);
    if (fault !== undefined) {
      await this.#fail(request, fault, nowMs, client);
      return;
    }
    const lastsMs = lifetimeMs(expirationSeconds, options.clusterSigningDurationMs);
    const der = this.#authority.sign(asked, usages, lastsMs, { nowMs, random });
    const certificate = Buffer.from(certificatePem(der)).toString('base64');
    await client.updateStatus(certificateSigningRequests, { ...request, status: { ...request.status, certificate } });
  }

  async #fail(request: CertificateSigningRequest, message: string, nowMs: number, client: Client): Promise<void> {
    const now = formatTime(nowMs);
    const reason = 'SignerValidationFailure';
    const condition = { type: 'Failed', status: 'True', reason, message, lastUpdateTime: now } as const;
    const conditions = [...(request.status?.conditions ?? []), condition];
    await client.updateStatus(certificateSigningRequests, { ...request, status: { ...request.status, conditions } });
  }
}
