import type { Container, EphemeralContainer, PodSpec } from '../../../../api/types/core.v1.ts';
import type { ObjectMeta } from '../../../../api/types/meta.v1.ts';

/** What a check looks at. */
export interface CheckedPod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  /** Init containers, containers and ephemeral containers, in this order. */
  readonly containers: readonly AnyContainer[];
}

export type AnyContainer = Container | EphemeralContainer;

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One rule of the Pod Security Standards. */
export interface Check {
  readonly id: string;
  /** Ids of baseline checks that this restricted one includes. */
  readonly overrides?: readonly string[];
  /** The first minor version of the standards that has it. Default: 0. */
  readonly since?: number;
  /** The versions' difference is for the check to make. @param minor Of the standards; Infinity: the latest. */
  check(pod: CheckedPod, minor: number): Violation | undefined;
}

export function joinQuote(items: Iterable<string | undefined>): string {
  return [...items].map((item) => `"${item ?? ''}"`).join(', ');
}

export function pluralize(singular: string, plural: string, count: number): string {
  return count === 1 ? singular : plural;
}

export function sorted(items: Iterable<string>): string[] {
  return [...new Set(items)].sort();
}

/** `container "a"`, `containers "a", "b"`. */
export function containersNamed(containers: readonly { readonly name?: string }[]): string {
  return `${pluralize('container', 'containers', containers.length)} ${joinQuote(containers.map(({ name }) => name))}`;
}

/** `pod and containers "a", "b"`; '' for nobody. */
export function setters(isPod: boolean, containers: readonly AnyContainer[], ...more: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : []), ...more].join(
    ' and ',
  );
}

export function isWindows({ spec }: CheckedPod): boolean {
  return spec.os?.name === 'windows';
}

/** In a user namespace of its own, root in the Pod is nobody on the node (KEP-127): from 1.35 that is taken into account. */
export function isInUserNamespace({ spec }: CheckedPod, minor: number): boolean {
  return minor >= 35 && spec.hostUsers === false;
}
