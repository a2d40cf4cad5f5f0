import { notAcceptable, unsupportedMediaType, type StatusError } from '../../machinery/status.ts';

/** One entry of an Accept header. */
interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** What the server can send, the one it likes best first. */
const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;
export type MediaType = (typeof mediaTypes)[number];

export const protobufType = 'application/vnd.kubernetes.protobuf' satisfies MediaType;

/** What a resource's answer should look like. */
export interface Representation {
  readonly mediaType: MediaType;
  /** The object itself, rows for people, or metadata alone (KEP-555, KEP-2334). */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** The version of `meta.k8s.io` that was asked for. */
  readonly asVersion: string;
}

/** What can be asked for. */
export interface Offer {
  /** Objects themselves can be sent as protobuf; their metadata alone always can. */
  readonly protobuf: boolean;
  /** A stream of events is asked for: there is none in YAML. */
  readonly watching: boolean;
}

/** The types that a refusal names. */
const withoutProtobuf = mediaTypes.filter((type) => type !== protobufType);
const streams = ['application/json;stream=watch', `${protobufType};stream=watch`];

/** Accept headers vary with the client, not with the request: a few hundred are plenty, and hostile ones are dropped. */
const maxRemembered = 256;
/** By offer, then by header. */
const remembered: readonly Map<string, Representation>[] = [new Map(), new Map(), new Map(), new Map()];

function parseRange(text: string): MediaRange | undefined {
  const [type, ...rest] = text.split(';').map((part) => part.trim());
  if (type === undefined || type === '') return undefined;
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
  }
  const quality = Number(parameters['q'] ?? '1');
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

/** The ranges of an Accept header, the most wanted first; of equal ones the exact go before the open ones. */
export function parseAccept(header: string): MediaRange[] {
  return header
    .split(',')
    .map(parseRange)
    .filter((range) => range !== undefined)
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality || openness(a) - openness(b));
}

function openness({ type }: MediaRange): number {
  return type.startsWith('*') ? 2 : type.endsWith('/*') ? 1 : 0;
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

/** What a range's parameters make of a media type; undefined when it cannot be sent like that. */
function represent(mediaType: MediaType, { parameters }: MediaRange, offer: Offer): Representation | undefined {
  const { as, g, v = '', stream = '', sv = '' } = parameters;
  if (stream !== '' && (stream !== 'watch' || mediaType === 'application/yaml')) return undefined;
  if (sv !== '' && sv !== 'v1') return undefined;
  if (as === undefined) {
    return mediaType === protobufType && !offer.protobuf ? undefined : { mediaType, as: 'object', asVersion: '' };
  }
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { mediaType, as, asVersion: v };
  // Cells hold values of any type, for which protobuf has no message.
  return as === 'Table' && mediaType !== protobufType ? { mediaType, as, asVersion: v } : undefined;
}

function choose(header: string, offer: Offer): Representation {
  let isStreamMissing = false;
  for (const range of parseAccept(header)) {
    for (const mediaType of mediaTypes) {
      if (!matches(range.type, mediaType)) continue;
      const chosen = represent(mediaType, range, offer);
      if (chosen === undefined) continue;
      if (!offer.watching || mediaType !== 'application/yaml') return chosen;
      isStreamMissing = true;
    }
  }
  throw notAcceptable(isStreamMissing ? streams : offer.protobuf ? mediaTypes : withoutProtobuf);
}

/** Chooses among what the server can send; throws 406 when nothing fits. */
export function negotiate(header: string | undefined, offer: Offer): Representation {
  const accept = header === undefined || header === '' ? '*/*' : header;
  const known = remembered[(offer.protobuf ? 1 : 0) + (offer.watching ? 2 : 0)];
  const again = known?.get(accept);
  if (again !== undefined) return again;
  const chosen = choose(accept, offer);
  if (known !== undefined) {
    if (known.size >= maxRemembered) known.clear();
    known.set(accept, chosen);
  }
  return chosen;
}

/** Of a kind that has no rows to show, such as a review: throws 406 for who takes nothing but a table or metadata. */
export function assertTakesObject(header: string | undefined): void {
  if (header !== undefined && header !== '' && chooseMediaType(header) === undefined) throw notAcceptable(mediaTypes);
}

/** Of an answer that has but one shape, such as a Status: the media type alone. JSON when nothing fits. */
export function negotiateMediaType(header: string | undefined): MediaType {
  if (header === undefined || header === '') return 'application/json';
  let known = rememberedTypes.get(header);
  if (known === undefined) {
    known = chooseMediaType(header) ?? 'application/json';
    if (rememberedTypes.size >= maxRemembered) rememberedTypes.clear();
    rememberedTypes.set(header, known);
  }
  return known;
}

const rememberedTypes = new Map<string, MediaType>();

function chooseMediaType(header: string): MediaType | undefined {
  for (const range of parseAccept(header)) {
    for (const mediaType of mediaTypes) {
      if (!matches(range.type, mediaType)) continue;
      if (represent(mediaType, range, { protobuf: true, watching: false })?.as === 'object') return mediaType;
    }
  }
  return undefined;
}

export type BodyFormat = 'json' | 'yaml' | 'protobuf';

const bodyTypes: Readonly<Record<string, BodyFormat>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'text/json': 'json',
};

/** How to read a request's body; no content type means JSON. Throws 415 for what the server cannot read. */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  const type = mediaTypeOf(contentType);
  const format = type === '' ? 'json' : bodyTypes[type];
  if (format === undefined) throw unsupportedMediaType(mediaTypes);
  return format;
}

/** Refuses a protobuf body for a kind that has no message. */
export function protobufNotSupported(): StatusError {
  return unsupportedMediaType(withoutProtobuf);
}

/** A content type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
