import { notAcceptable } from '../../machinery/status.ts';
import { protobufType } from '../http/negotiation.ts';
import { type AggregatedVersion, aggregatedVersions } from './aggregated.ts';

/** One entry of an Accept header; entries come in the order of preference. */
export interface AcceptedMediaType {
  /** In lower case: `application/json`, a star for anything. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DiscoveryForm {
  readonly shape: 'plain' | AggregatedVersion;
  readonly isProtobuf: boolean;
}

const jsonRanges: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

/** The form that one entry asks for; undefined for one that cannot be served. */
function formOf({ type, parameters }: AcceptedMediaType, mayAggregate: boolean): DiscoveryForm | undefined {
  const isProtobuf = type === protobufType;
  if (!isProtobuf && !jsonRanges.has(type)) return undefined;
  if (parameters['as'] === undefined) return { shape: 'plain', isProtobuf };
  if (!mayAggregate || parameters['as'] !== 'APIGroupDiscoveryList' || parameters['g'] !== 'apidiscovery.k8s.io') {
    return undefined;
  }
  const shape = aggregatedVersions.find((version) => version === parameters['v']);
  return shape === undefined ? undefined : { shape, isProtobuf };
}

/** The first form that can be served. An empty list accepts anything. Throws 406 when nothing fits. */
export function negotiateDiscovery(accept: readonly AcceptedMediaType[], mayAggregate: boolean): DiscoveryForm {
  if (accept.length === 0) return { shape: 'plain', isProtobuf: false };
  for (const entry of accept) {
    const form = formOf(entry, mayAggregate);
    if (form !== undefined) return form;
  }
  throw notAcceptable(['application/json', protobufType]);
}
