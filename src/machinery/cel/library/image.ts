/** References of container images in expressions. */
import type { Library, Overload } from '../declarations.ts';
import { global, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, objectType, stringType } from '../types.ts';
import { CelObject } from '../values.ts';

export const imageType = objectType('kubernetes.Image');

const defaultRegistry = 'index.docker.io';
const defaultTag = 'latest';

interface Reference {
  readonly text: string;
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

class CelImage extends CelObject {
  readonly celType = imageType;
  readonly reference: Reference;

  constructor(reference: Reference) {
    super();
    this.reference = reference;
  }

  override equals(other: CelObject): boolean {
    return other instanceof CelImage && other.reference.text === this.reference.text;
  }

  override toJSON(): string {
    return this.reference.text;
  }
}

const repositoryForm = /^[a-z0-9_\-./]{2,255}$/;
const tagForm = /^[A-Za-z0-9_\-.]{1,128}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;

/** The registry is the part before the first slash when that looks like a host. */
function splitRegistry(name: string): [registry: string, repository: string] {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = isHost ? first : '';
  const repository = isHost ? name.slice(slash + 1) : name;
  const isDefault = registry === '' || registry === 'docker.io';
  // Docker's own images have the namespace "library".
  const full =
    (isDefault || registry === defaultRegistry) && !repository.includes('/') ? `library/${repository}` : repository;
  return [isDefault ? defaultRegistry : registry, full];
}

function read(text: string): Reference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? '' : text.slice(at + 1);
  if (at >= 0 && !digestForm.test(digest)) return undefined;
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  const hasTag = colon > tagged.lastIndexOf('/');
  const tag = hasTag ? tagged.slice(colon + 1) : '';
  if (hasTag && !tagForm.test(tag)) return undefined;
  const [registry, repository] = splitRegistry(hasTag ? tagged.slice(0, colon) : tagged);
  if (!repositoryForm.test(repository) || !/^[A-Za-z0-9.:[\]_-]+$/.test(registry)) return undefined;
  if (repository.split('/').includes('')) return undefined;
  return { text, registry, repository, tag: digest === '' ? tag || defaultTag : '', digest };
}

const image = object(imageType, CelImage);

function part(id: string, get: (reference: Reference) => string): Overload[] {
  return [member(id, [image], stringType, ({ reference }) => get(reference))];
}

export const imageLibrary: Library = {
  image: [
    global('string_to_image', [string], imageType, (text) => {
      const reference = read(text);
      return reference === undefined ? fail(`could not parse reference: ${text}`) : new CelImage(reference);
    }),
  ],
  isImage: [global('is_image_string', [string], boolType, (text) => read(text) !== undefined)],
  containsDigest: [member('image_contains_digest', [image], boolType, ({ reference }) => reference.digest !== '')],
  registry: part('image_registry', ({ registry }) => registry),
  repository: part('image_repository', ({ repository }) => repository),
  identifier: part('image_identifier', ({ tag, digest }) => (digest === '' ? tag : digest)),
  tag: part('image_tag', ({ tag }) => tag),
  digest: part('image_digest', ({ digest }) => digest),
};
