import { setImmediate } from 'node:timers/promises';
import type { ResourceCatalog, ResourceDefinition } from '../../api/contract.ts';
import { type Descriptions, loadDescriptions } from '../../api/schema/descriptions.ts';
import { notAcceptable } from '../../machinery/status.ts';
import { parseAccept } from '../http/negotiation.ts';
import { discoveryPaths, resourceListPath } from './discovery-paths.ts';
import { DocumentForms, jsonDocument, type OpenApiDocument } from './document.ts';
import { encodeV2 } from './gnostic-v2.ts';
import { encodeV3 } from './gnostic-v3.ts';
import type { PathItem } from './operation.ts';
import { V2Renderer } from './render-v2.ts';
import { renderV3 } from './render-v3.ts';
import { groupVersionPath, resourcePaths } from './resource-paths.ts';
import type { TypeNotes } from './schemas.ts';
import { typeNotes } from './type-notes.ts';

/** The media types of a document: JSON, protobuf, and protobuf by its older name, which clients before 2023 ask for. */
const mediaTypes = {
  v2: [
    'application/json',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  ],
  v3: [
    'application/json',
    'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
  ],
} as const;

/** The paths of one v3 document and the definitions that they come from. */
interface Place {
  readonly definitions: readonly ResourceDefinition[];
  paths(): readonly PathItem[];
}

/** Everything that is made of one state of the catalog. */
interface Edition {
  readonly notes: TypeNotes;
  /** By the path below `/openapi/v3/`. */
  readonly places: ReadonlyMap<string, Place>;
  v3Index?: Promise<OpenApiDocument>;
  v2?: Promise<DocumentForms>;
}

/** A document stays good as long as the definitions that it was made of are the same objects. */
interface Kept {
  readonly definitions: readonly ResourceDefinition[];
  readonly forms: Promise<DocumentForms>;
}

export interface OpenApiOptions {
  readonly catalog: ResourceCatalog;
  /** The version that the documents carry, such as `v1.36.0`. */
  readonly version: string;
  /** Where the texts come from; asked when the first document is made. Default: the API's own descriptions. */
  readonly loadDescriptions?: () => Promise<Descriptions>;
}

/**
 * The OpenAPI documents of the server: `/openapi/v2`, `/openapi/v3` and all below it. Each is made when it is first
 * asked for, and made again after the definitions that it describes have changed. They are kept compressed.
 */
export class OpenApiDocuments {
  readonly #options: OpenApiOptions;
  #edition: Promise<Edition> | undefined;
  #generation: number | undefined;
  readonly #kept = new Map<string, Kept>();

  constructor(options: OpenApiOptions) {
    this.#options = options;
  }

  /** `/openapi/v2`. Rejects with a 406 StatusError when `accept` allows none of its forms. */
  async v2(accept: string | undefined): Promise<OpenApiDocument> {
    const form = choose(accept, mediaTypes.v2);
    const edition = await this.#current();
    edition.v2 ??= this.#buildV2(edition);
    const forms = await edition.v2;
    return form === 'json' ? forms.json : forms.protobuf();
  }

  /** `/openapi/v3`: where each document is, with its hash. JSON only. */
  async v3Index(): Promise<OpenApiDocument> {
    const edition = await this.#current();
    edition.v3Index ??= this.#buildIndex(edition);
    return edition.v3Index;
  }

  /**
   * `/openapi/v3/<place>`: `api/v1`, `apis/apps/v1`, `apis/apps`, `version`. Undefined when there is no such document;
   * rejects with a 406 StatusError when `accept` allows none of its forms.
   */
  async v3(place: string, accept: string | undefined): Promise<OpenApiDocument | undefined> {
    const form = choose(accept, mediaTypes.v3);
    const edition = await this.#current();
    const found = edition.places.get(place);
    if (found === undefined) return undefined;
    const forms = await this.#formsOf(edition, place, found);
    return form === 'json' ? forms.json : forms.protobuf();
  }

  #current(): Promise<Edition> {
    const { catalog } = this.#options;
    if (this.#edition === undefined || this.#generation !== catalog.generation) {
      this.#generation = catalog.generation;
      const edition = this.#newEdition(catalog.definitions);
      this.#edition = edition;
      // What failed once (descriptions that could not be read) is tried again by the next request.
      edition.catch(() => {
        if (this.#edition === edition) this.#edition = undefined;
      });
    }
    return this.#edition;
  }

  async #newEdition(definitions: readonly ResourceDefinition[]): Promise<Edition> {
    const load = this.#options.loadDescriptions ?? loadDescriptions;
    const notes = typeNotes(await load(), definitions);
    const places = placesOf(definitions);
    for (const name of this.#kept.keys()) if (!places.has(name)) this.#kept.delete(name);
    return { notes, places };
  }

  #formsOf({ notes }: Edition, name: string, { definitions, paths }: Place): Promise<DocumentForms> {
    const kept = this.#kept.get(name);
    if (kept !== undefined && sameItems(kept.definitions, definitions)) return kept.forms;
    const document = renderV3(paths(), notes, this.#options.version);
    const forms = DocumentForms.of(document, mediaTypes.v3[1], encodeV3);
    this.#kept.set(name, { definitions, forms });
    return forms;
  }

  async #buildIndex(edition: Edition): Promise<OpenApiDocument> {
    const paths: Record<string, { serverRelativeURL: string }> = {};
    for (const [name, place] of edition.places) {
      const { json } = await this.#formsOf(edition, name, place);
      paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${json.hash}` };
      // Thirty documents in one go would hold up every other request.
      await setImmediate();
    }
    return jsonDocument({ paths });
  }

  async #buildV2({ notes, places }: Edition): Promise<DocumentForms> {
    const renderer = new V2Renderer(notes, this.#options.version);
    for (const { paths } of places.values()) {
      for (const item of paths()) renderer.add(item);
      await setImmediate();
    }
    return DocumentForms.of(renderer.document(), mediaTypes.v2[1], encodeV2);
  }
}

function placesOf(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, Place> {
  const byPlace = new Map<string, ResourceDefinition[]>();
  for (const definition of definitions) {
    const name = groupVersionPath(definition.group, definition.version);
    const known = byPlace.get(name);
    if (known === undefined) byPlace.set(name, [definition]);
    else known.push(definition);
  }
  const groups = new Set(definitions.map(({ group }) => group).filter((group) => group !== ''));
  const places = new Map<string, Place>();
  for (const [name, item] of discoveryPaths([...groups])) places.set(name, { definitions: [], paths: () => [item] });
  for (const [name, own] of byPlace) {
    places.set(name, { definitions: own, paths: () => [resourceListPath(name), ...own.flatMap(resourcePaths)] });
  }
  return new Map([...places].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The form that the client wants most. */
function choose(accept: string | undefined, types: readonly string[]): 'json' | 'protobuf' {
  for (const { type } of parseAccept(accept === undefined || accept === '' ? '*/*' : accept)) {
    const found = types.findIndex((one) => type === one || type === 'application/*' || type === '*/*');
    if (found >= 0) return found === 0 ? 'json' : 'protobuf';
  }
  throw notAcceptable(types);
}
