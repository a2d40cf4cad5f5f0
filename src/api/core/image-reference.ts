/**
 * Container image references, as far as the API reads them: `[domain/]path[:tag][@digest]`
 * (the distribution project's reference grammar).
 */
import type { PullPolicy } from '../types/core.v1.ts';

const domain =
  /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/;
const ipv6Domain = /^\[[a-fA-F0-9:]+\](?::[0-9]+)?$/;
const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const identifier = /^[a-f0-9]{64}$/;

/** Of the repository's name, domain included. */
const longestName = 255;

/** The tag of an image; `latest` when neither tag nor digest is given; '' for a digest alone or no valid reference. */
export function imageTag(image: string): string {
  const at = image.indexOf('@');
  const named = at === -1 ? image : image.slice(0, at);
  if (at !== -1 && !digestPattern.test(image.slice(at + 1))) return '';
  const colon = named.lastIndexOf(':');
  // A colon before the last slash is the registry's port.
  const hasTag = colon > named.lastIndexOf('/');
  const repository = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : '';
  if (!isRepository(repository) || (hasTag && !tagPattern.test(tag))) return '';
  return hasTag || at !== -1 ? tag : 'latest';
}

function isRepository(repository: string): boolean {
  if (identifier.test(repository)) return false;
  const slash = repository.indexOf('/');
  const first = slash === -1 ? '' : repository.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  if (isDomain && !domain.test(first) && !ipv6Domain.test(first)) return false;
  const path = isDomain ? repository.slice(slash + 1) : repository;
  return path.length <= longestName && path.split('/').every((component) => pathComponent.test(component));
}

/** Few images make many Pods: what each one's policy is, kept for so many of them. */
const rememberedImages = 1024;
const policies = new Map<string, PullPolicy>();

/** `Always` for the tag `latest`, else `IfNotPresent`: the `imagePullPolicy` of a container that gives none. */
export function defaultPullPolicy(image: string): PullPolicy {
  const known = policies.get(image);
  if (known !== undefined) return known;
  const policy = imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
  if (policies.size >= rememberedImages) policies.clear();
  // A key cut from a request's text would keep that text alive.
  if (image.length <= 2 * longestName) policies.set(image, policy);
  return policy;
}
