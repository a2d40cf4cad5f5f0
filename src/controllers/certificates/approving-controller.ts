import type { SubjectAccessReview } from '../../api/types/authorization.v1.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { certificateSigningRequests, subjectAccessReviews } from '../../client/resources.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { kubeletClientFault } from './node-request.ts';
import { hasCondition, isIssued, requestOf, requestRateLimiter } from './request.ts';

const kubeletClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';

/** Approves what kubelets ask for to talk to the API server, for whoever is allowed to have that. */
export class ApprovingController implements Controller {
  readonly #requests: Informer<CertificateSigningRequest>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
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
    if (request === undefined || isIssued(request)) return;
    if (hasCondition(request, 'Approved') || hasCondition(request, 'Denied')) return;
    if (request.spec.signerName !== kubeletClientSigner) return;
    const asked = requestOf(request);
    if (kubeletClientFault(asked, request.spec.usages ?? []) !== undefined) return;
    const tried: string[] = [];
    if (request.spec.username === asked.subject.commonName) {
      tried.push('selfnodeclient');
      if (await this.#isAllowed(request, 'selfnodeclient', client)) {
        await this.#approve(
          request,
          'Auto approving self kubelet client certificate after SubjectAccessReview.',
          client,
        );
        return;
      }
    }
    tried.push('nodeclient');
    if (await this.#isAllowed(request, 'nodeclient', client)) {
      await this.#approve(request, 'Auto approving kubelet client certificate after SubjectAccessReview.', client);
      return;
    }
    // Who asks may be allowed to later.
    throw new Error(`recognized csr "${name}" as [${tried.join(' ')}] but subject access review was not approved`);
  }

  async #isAllowed({ spec }: CertificateSigningRequest, subresource: string, client: Client): Promise<boolean> {
    const { username, uid, groups, extra } = spec;
    const review: SubjectAccessReview = {
      metadata: {},
      spec: {
        ...(username === undefined ? {} : { user: username }),
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
        },
      },
    };
    return (await client.create(subjectAccessReviews, review)).status?.allowed ?? false;
  }

  async #approve(request: CertificateSigningRequest, message: string, client: Client): Promise<void> {
    const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message } as const;
    const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] };
    await client.update(certificateSigningRequests, { ...request, status }, { subresource: 'approval' });
  }
}
