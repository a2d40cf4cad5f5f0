/**
 * The groups in upstream's order of priority: discovery lists them so, and clients that meet a name in two groups take
 * the first. Other groups follow by name (`groupPriorityMinimum` of upstream's own APIServices and of CRDs).
 */
const builtinGroups = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

const ranks: ReadonlyMap<string, number> = new Map(builtinGroups.map((group, index) => [group, index]));

/** Orders groups by priority, the most preferred first. */
export function compareGroups(a: string, b: string): number {
  const byRank = (ranks.get(a) ?? builtinGroups.length) - (ranks.get(b) ?? builtinGroups.length);
  return byRank !== 0 ? byRank : a < b ? -1 : a > b ? 1 : 0;
}

const stages = ['alpha', 'beta', ''];
const kubeVersion = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

/** Stage, major and minor number of a version such as `v2beta1`; undefined for any other text. */
function parseVersion(version: string): readonly [stage: number, major: bigint, minor: bigint] | undefined {
  const [match, major = '0', stage = '', minor = '0'] = kubeVersion.exec(version) ?? [];
  return match === undefined ? undefined : [stages.indexOf(stage), BigInt(major), BigInt(minor)];
}

/**
 * Orders versions of one group, the most preferred first: stable ones, then beta, then alpha, the highest number first
 * in each, then whatever is not named so, by name (`CompareKubeAwareVersionStrings`).
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    if (right !== undefined) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (left[0] !== right[0]) return right[0] - left[0];
  if (left[1] !== right[1]) return left[1] > right[1] ? -1 : 1;
  return left[2] === right[2] ? 0 : left[2] > right[2] ? -1 : 1;
}
