/** The cluster roles for people (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles). */
import { read, readWrite, rule, urlRule, write, type RoleTable } from './notation.ts';

export const userRoles: RoleTable = {
  'cluster-admin': [rule('*', '*', '*'), urlRule('*', '*')],
  'system:discovery': [
    urlRule('get', '/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*'),
  ],
  'system:monitoring': [
    urlRule('get', '/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/* /flagz /statusz'),
    rule('get', 'core', 'nodes/metrics'),
  ],
  'system:basic-user': [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ],
  'system:public-info-viewer': [urlRule('get', '/livez /readyz /healthz /version /version/')],
  'system:service-account-issuer-discovery': [
    urlRule(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ],
  'system:aggregate-to-admin': [
    rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
    rule(readWrite, 'rbac.authorization.k8s.io', 'roles rolebindings'),
  ],
  'system:aggregate-to-edit': [
    // Reading these is as good as writing.
    rule(read, 'core', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
    rule('impersonate', 'core', 'serviceaccounts'),
    rule(write, 'core', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
    rule('create', 'core', 'pods/eviction'),
    rule(
      write,
      'core',
      'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy ' +
        'persistentvolumeclaims configmaps secrets',
    ),
    rule('create', 'core', 'serviceaccounts/token'),
    rule(write, 'core events.k8s.io', 'events'),
    rule(
      write,
      'apps',
      'statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback ' +
        'replicasets replicasets/scale',
    ),
    rule(write, 'autoscaling', 'horizontalpodautoscalers'),
    rule(write, 'batch', 'jobs cronjobs'),
    rule(
      write,
      'extensions',
      'daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale ' +
        'replicationcontrollers/scale networkpolicies',
    ),
    rule(write, 'policy', 'poddisruptionbudgets'),
    rule(write, 'networking.k8s.io', 'networkpolicies ingresses'),
    rule(readWrite, 'coordination.k8s.io', 'leases'),
    rule(write, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
  ],
  'system:aggregate-to-view': [
    rule(
      read,
      'core',
      'pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints ' +
        'persistentvolumeclaims persistentvolumeclaims/status configmaps',
    ),
    rule(
      read,
      'core',
      'limitranges resourcequotas bindings pods/status resourcequotas/status namespaces/status ' +
        'replicationcontrollers/status pods/log',
    ),
    // Within a namespace this is to see that it is there.
    rule(read, 'core', 'namespaces'),
    rule(read, 'core events.k8s.io', 'events'),
    rule(read, 'discovery.k8s.io', 'endpointslices'),
    rule(
      read,
      'apps',
      'controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status ' +
        'deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale',
    ),
    rule(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
    rule(read, 'batch', 'jobs cronjobs cronjobs/status jobs/status'),
    rule(
      read,
      'extensions',
      'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status ' +
        'replicasets replicasets/scale replicasets/status replicationcontrollers/scale networkpolicies',
    ),
    rule(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
    rule(read, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
    rule(read, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
  ],
};

const aggregateTo = 'rbac.authorization.k8s.io/aggregate-to-';

/** The roles that are made of others, by what those are labelled with. */
export const aggregatedRoles: Readonly<Record<string, string>> = {
  admin: `${aggregateTo}admin`,
  edit: `${aggregateTo}edit`,
  view: `${aggregateTo}view`,
};

/** Which roles are part of an aggregated one: each wider role holds the narrower ones. */
export const aggregationLabels: Readonly<Record<string, string>> = {
  edit: `${aggregateTo}admin`,
  view: `${aggregateTo}edit`,
  'system:aggregate-to-admin': `${aggregateTo}admin`,
  'system:aggregate-to-edit': `${aggregateTo}edit`,
  'system:aggregate-to-view': `${aggregateTo}view`,
};
