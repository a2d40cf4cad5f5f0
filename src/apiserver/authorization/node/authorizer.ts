/**
 * `--authorization-mode=Node`: what kubelets may do
 * (https://kubernetes.io/docs/reference/access-authn-authz/node/). Reasons are upstream's.
 */
import type { UserInfo } from '../../../api/contract.ts';
import { quote } from '../../../machinery/quote.ts';
import type { AuthorizationAttributes, Authorizer, Decision, RuleResolution } from '../../contract.ts';
import type { Registry } from '../../registry/registry.ts';
import { nodeRules } from '../rbac/bootstrap-policy/component-roles.ts';
import { ruleAllows } from '../rbac/rule-match.ts';
import { feedGraph } from './graph-feed.ts';
import { NodeGraph, type VertexKind } from './graph.ts';
import type { NodeAuthorizerMetrics } from './metrics.ts';
import { nodeIdentity } from './node-identity.ts';

const allowed: Decision = { verdict: 'allow', reason: '' };
const refuse = (reason: string): Decision => ({ verdict: 'noOpinion', reason });
const noOpinion = refuse('');

const leaseNamespace = 'kube-node-lease';
const ownVerbs: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

type Rule = (this: void, asked: AuthorizationAttributes, node: string, graph: NodeGraph) => Decision;

export class NodeAuthorizer implements Authorizer {
  readonly name = 'Node';
  readonly #metrics: NodeAuthorizerMetrics;
  readonly #graph = new NodeGraph();
  #registry: Registry | undefined;
  #loading: Promise<void> | undefined;
  #isLoaded = false;

  constructor(metrics: NodeAuthorizerMetrics) {
    this.#metrics = metrics;
  }

  /** Tells where Pods and volumes are. They are read when a node first asks for something that depends on them. */
  attach(registry: Registry): void {
    this.#registry = registry;
  }

  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision> {
    const { isNode, name } = nodeIdentity(attributes.user);
    if (!isNode) return noOpinion;
    if (name === '') return refuse(`unknown node for user ${quote(attributes.user.username)}`);
    const { request } = attributes;
    const rule = request.isResourceRequest ? rules[`${request.resource}.${request.apiGroup}`] : undefined;
    if (rule === undefined) return nodeRules.some((one) => ruleAllows(one, request)) ? allowed : noOpinion;
    if (this.#isLoaded) return rule(attributes, name, this.#graph);
    return this.#load().then(() => rule(attributes, name, this.#graph));
  }

  rulesFor(user: UserInfo): RuleResolution {
    const { isNode } = nodeIdentity(user);
    const errors = isNode ? ['node authorizer does not support user rule resolution'] : [];
    return { resourceRules: [], nonResourceRules: [], incomplete: isNode, errors };
  }

  #load(): Promise<void> {
    const registry = this.#registry;
    if (registry === undefined)
      return Promise.reject(new Error('the Node authorizer was asked before it was attached'));
    this.#loading ??= feedGraph(this.#graph, registry, this.#metrics).then(
      () => {
        this.#isLoaded = true;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}

/** Whether the object that is named leads to the node. */
function related(kind: VertexKind, { request }: AuthorizationAttributes, node: string, graph: NodeGraph): Decision {
  if (request.name === '') return refuse('No Object name found');
  if (graph.isRelated(node, kind, request.namespace, request.name)) return allowed;
  return refuse(`no relationship found between node '${node}' and this object`);
}

function getRelated(kind: VertexKind): Rule {
  return (asked, node, graph) => {
    if (asked.request.verb !== 'get') return refuse('can only get individual resources of this type');
    if (asked.request.subresource !== '') return refuse('cannot get subresource');
    return related(kind, asked, node, graph);
  };
}

function readRelated(kind: VertexKind): Rule {
  return (asked, node, graph) => {
    const { verb, subresource, namespace } = asked.request;
    if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return refuse('can only read resources of this type');
    if (subresource !== '') return refuse('cannot read subresource');
    if (namespace === '') return refuse('can only read namespaced object of this type');
    return related(kind, asked, node, graph);
  };
}

const claims: Rule = (asked, node, graph) => {
  if (asked.request.subresource !== 'status') return getRelated('persistentvolumeclaim')(asked, node, graph);
  const { verb } = asked.request;
  if (verb !== 'update' && verb !== 'patch') return refuse('can only get/update/patch this type');
  return related('persistentvolumeclaim', asked, node, graph);
};

const serviceAccounts: Rule = (asked, node, graph) => {
  const { verb, name, subresource } = asked.request;
  // Credential providers of images are told whose pod it is.
  if (verb === 'get' && subresource === '') return related('serviceaccount', asked, node, graph);
  if (verb !== 'create' || name === '') return refuse('can only create tokens for individual service accounts');
  if (subresource !== 'token') return refuse('can only create token subresource of serviceaccount');
  return related('serviceaccount', asked, node, graph);
};

const leases: Rule = ({ request: { verb, namespace, name } }, node) => {
  if (!ownVerbs.has(verb)) return refuse('can only get, create, update, patch, or delete a node lease');
  if (namespace !== leaseNamespace)
    return refuse(`can only access leases in the ${quote(leaseNamespace)} system namespace`);
  // What is created is looked at by the plugin NodeRestriction.
  if (verb !== 'create' && name !== node) {
    return refuse('can only access node lease with the same name as the requesting node');
  }
  return allowed;
};

const csiNodes: Rule = ({ request: { verb, subresource, name } }, node) => {
  if (!ownVerbs.has(verb)) return refuse('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return refuse('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) {
    return refuse('can only access CSINode with the same name as the requesting node');
  }
  return allowed;
};

/** Whether the request is narrowed to what has this value in this field. */
function selects({ selectors }: AuthorizationAttributes, field: string, value: string): boolean {
  return selectors?.fields.some((one) => one.field === field && one.operator === '=' && one.value === value) ?? false;
}

const resourceSlices: Rule = (asked, node, graph) => {
  if (asked.request.subresource !== '') return refuse('cannot authorize ResourceSlice subresources');
  switch (asked.request.verb) {
    case 'create':
      return allowed;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related('resourceslice', asked, node, graph);
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (selects(asked, 'spec.nodeName', node)) return allowed;
      return refuse('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return refuse(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
};

const nodes: Rule = ({ request: { verb, subresource, name } }, node) => {
  // NodeRestriction sees to it that a node writes nothing but itself.
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allowed : noOpinion;
  if (subresource !== '') return noOpinion;
  switch (verb) {
    case 'create':
    case 'update':
    case 'patch':
      return allowed;
    case 'get':
    case 'list':
    case 'watch':
      if (name === node) return allowed;
      return refuse(
        name === ''
          ? `node '${node}' cannot read all nodes, only its own Node object`
          : `node '${node}' cannot read '${name}', only its own Node object`,
      );
    default:
      return noOpinion;
  }
};

const pods: Rule = (asked, node, graph) => {
  const { verb, subresource, name } = asked.request;
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allowed : noOpinion;
  if (subresource === 'eviction') return verb === 'create' ? allowed : noOpinion;
  if (subresource !== '') return noOpinion;
  switch (verb) {
    case 'get':
      return getRelated('pod')(asked, node, graph);
    case 'list':
    case 'watch':
      if (selects(asked, 'spec.nodeName', node)) return allowed;
      if (name !== '') return related('pod', asked, node, graph);
      return refuse('can only list/watch pods with spec.nodeName field selector');
    case 'create':
    case 'delete':
      // Mirror pods, which NodeRestriction looks at.
      return allowed;
    default:
      return noOpinion;
  }
};

/** By plural and group. */
const rules: Readonly<Record<string, Rule>> = {
  'secrets.': readRelated('secret'),
  'configmaps.': readRelated('configmap'),
  'persistentvolumeclaims.': claims,
  'persistentvolumes.': getRelated('persistentvolume'),
  'resourceclaims.resource.k8s.io': getRelated('resourceclaim'),
  'volumeattachments.storage.k8s.io': getRelated('volumeattachment'),
  'serviceaccounts.': serviceAccounts,
  'leases.coordination.k8s.io': leases,
  'csinodes.storage.k8s.io': csiNodes,
  'resourceslices.resource.k8s.io': resourceSlices,
  'nodes.': nodes,
  'pods.': pods,
};
