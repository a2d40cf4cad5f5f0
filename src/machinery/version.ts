/** Which Kubernetes this is, and what runs it (`k8s.io/apimachinery/pkg/version.Info`). */

/** Filled in by the bundler; from source there is no build. */
declare const kubetsBuild: { readonly date: string; readonly commit: string; readonly isClean: boolean } | undefined;

export const kubernetesMajor = '1';
export const kubernetesMinor = '36';
/** Semantic versions' build metadata says whose it is; clients that compare versions ignore it. */
export const gitVersion = `v${kubernetesMajor}.${kubernetesMinor}.0+kubets`;

/** Go's words for this machine. */
const goArchitecture: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  ppc64: 'ppc64le',
};

export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  readonly gitVersion: string;
  /** '' when this was not built from a commit. */
  readonly gitCommit: string;
  readonly gitTreeState: string;
  /** The epoch when this was not built, as in upstream. */
  readonly buildDate: string;
  /** There is no Go here: the version of Node. */
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

export function versionInfo(): VersionInfo {
  const build = typeof kubetsBuild === 'undefined' ? undefined : kubetsBuild;
  const architecture = goArchitecture[process.arch] ?? process.arch;
  return {
    major: kubernetesMajor,
    minor: kubernetesMinor,
    emulationMajor: kubernetesMajor,
    emulationMinor: kubernetesMinor,
    minCompatibilityMajor: kubernetesMajor,
    minCompatibilityMinor: String(Number(kubernetesMinor) - 1),
    gitVersion,
    gitCommit: build?.commit ?? '',
    gitTreeState: build === undefined || build.commit === '' ? '' : build.isClean ? 'clean' : 'dirty',
    buildDate: build?.date ?? '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: `v8-${process.versions.v8}`,
    platform: `${process.platform}/${architecture}`,
  };
}
