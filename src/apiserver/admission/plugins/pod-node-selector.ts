import type { Namespace, Pod } from '../../../api/types/core.v1.ts';
import { SetupError } from '../../setup-error.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOfPods } from './pod-requests.ts';

type Labels = Readonly<Record<string, string>>;
const annotation = 'scheduler.alpha.kubernetes.io/node-selector';
const clusterDefault = 'clusterDefaultNodeSelector';

/** By namespace, what node selectors its Pods may have; and what they get where the namespace does not say. */
export type NodeSelectors = ReadonlyMap<string, Labels>;

/** Reads the plugin's file: `podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: a=b, <namespace>: c=d}`. Throws SetupError. */
export function readNodeSelectors(document: unknown): NodeSelectors {
  const { podNodeSelectorPluginConfig: selectors = {} } = (document ?? {}) as {
    readonly podNodeSelectorPluginConfig?: Readonly<Record<string, unknown>> | null;
  };
  return new Map(
    Object.entries(selectors ?? {}).map(([name, text]) => {
      const labels = typeof text === 'string' ? parseLabels(text) : undefined;
      if (labels !== undefined) return [name, labels];
      throw new SetupError(`the configuration of PodNodeSelector: ${name}: invalid selector: [${String(text)}]`);
    }),
  );
}

/** `a=b,c=d`; undefined when it is not of this form. */
function parseLabels(text: string): Labels | undefined {
  const labels: Record<string, string> = {};
  if (text === '') return labels;
  for (const part of text.split(',')) {
    const [key = '', value, ...rest] = part.split('=');
    if (value === undefined || rest.length > 0) return undefined;
    labels[key.trim()] = value.trim();
  }
  return labels;
}

/** Sends the Pods of a namespace to the nodes that it is given. */
export class PodNodeSelector implements AdmissionPlugin {
  readonly name = 'PodNodeSelector';
  readonly #namespaces: Lister<Namespace>;
  readonly #selectors: NodeSelectors;

  constructor(namespaces: Lister<Namespace>, selectors: NodeSelectors) {
    this.#namespaces = namespaces;
    this.#selectors = selectors;
  }

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE');
  }

  prepare(): Promise<void> | undefined {
    return this.#namespaces.load();
  }

  admit(attributes: Attributes): void {
    const { spec } = attributes.object as Pod;
    if (!spec) return;
    const wanted = this.#selectorOf(attributes);
    if (conflicts(wanted, spec.nodeSelector)) throw conflict(attributes);
    const merged = { ...wanted, ...spec.nodeSelector };
    if (Object.keys(merged).length > 0) spec.nodeSelector = merged;
  }

  validate(attributes: Attributes): void {
    const { nodeSelector = {} } = (attributes.object as Pod).spec ?? {};
    if (conflicts(this.#selectorOf(attributes), nodeSelector)) throw conflict(attributes);
    const allowed = this.#selectors.get(attributes.namespace) ?? {};
    if (Object.keys(allowed).length === 0) return;
    if (Object.entries(nodeSelector).every(([key, value]) => allowed[key] === value)) return;
    throw refusal(attributes, 'pod node label selector labels conflict with its namespace whitelist');
  }

  #selectorOf(attributes: Attributes): Labels {
    const text = this.#namespaces.get('', attributes.namespace)?.metadata.annotations?.[annotation];
    if (text === undefined) return this.#selectors.get(clusterDefault) ?? {};
    const labels = parseLabels(text);
    if (labels === undefined) throw refusal(attributes, `invalid selector: [${text}]`);
    return labels;
  }
}

function conflicts(a: Labels, b: Labels = {}): boolean {
  return Object.entries(a).some(([key, value]) => b[key] !== undefined && b[key] !== value);
}

function conflict(attributes: Attributes): Error {
  return refusal(attributes, 'pod node label selector conflicts with its namespace node label selector');
}
