/** What Pod Security decides, under upstream's names. */
import type { MetricsRegistry } from '../../../../machinery/metrics.ts';
import { kubernetesMinor } from '../../../../machinery/version.ts';
import type { Attributes } from '../../contract.ts';
import type { LevelVersion, Mode } from './policy.ts';

const minorVersion = Number(kubernetesMinor);

export class PodSecurityMetrics {
  readonly #evaluations;
  readonly #exemptions;
  readonly #errors;

  constructor(registry: MetricsRegistry) {
    this.#evaluations = registry.counter({
      name: 'pod_security_evaluations_total',
      help: 'Number of policy evaluations that occurred, not counting ignored or exempt requests.',
      labelNames: [
        'decision',
        'policy_level',
        'policy_version',
        'mode',
        'request_operation',
        'resource',
        'subresource',
      ],
    });
    this.#exemptions = registry.counter({
      name: 'pod_security_exemptions_total',
      help: 'Number of exempt requests, not counting ignored or out of scope requests.',
      labelNames: ['request_operation', 'resource', 'subresource'],
    });
    this.#errors = registry.counter({
      name: 'pod_security_errors_total',
      help: 'Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.',
      labelNames: ['fatal', 'request_operation', 'resource', 'subresource'],
    });
  }

  evaluated(isAllowed: boolean, { level, minor }: LevelVersion, mode: Mode, attributes: Attributes): void {
    const version =
      minor === Infinity || minor === minorVersion ? 'latest' : minor > minorVersion ? 'future' : `v1.${minor}`;
    this.#evaluations.labels(isAllowed ? 'allow' : 'deny', level, version, mode, ...requestLabels(attributes)).inc();
  }

  exempted(attributes: Attributes): void {
    this.#exemptions.labels(...requestLabels(attributes)).inc();
  }

  /** A namespace's labels made no sense. */
  failed(attributes: Attributes): void {
    this.#errors.labels('false', ...requestLabels(attributes)).inc();
  }
}

function requestLabels({ operation, requestKind, subresource }: Attributes): [string, string, string] {
  const { resource } = requestKind;
  const kind = resource === 'pods' ? 'pod' : resource === 'namespaces' ? 'namespace' : 'controller';
  return [operation.toLowerCase(), kind, subresource];
}
