import { notAcceptable, unsupportedMediaType } from '../../machinery/status.ts';

/** One entry of an Accept header. */
interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** What a resource's answer should look like. */
export interface Representation {
  readonly mediaType: 'application/json' | 'application/yaml';
  /** The object itself, rows for people, or metadata alone (KEP-555, KEP-2334). */
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** The version of `meta.k8s.io` that was asked for. */
  readonly asVersion: string;
}

/** What the server can send of an object. Protobuf is missing: it is answered with 406 unless JSON is accepted too. */
const offered = ['application/json', 'application/yaml'] as const;
const offeredNames = ['application/json', 'application/yaml'];

/** Accept headers vary with the client, not with the request: a few hundred are plenty, and hostile ones are dropped. */
const maxRemembered = 256;
const remembered = new Map<string, Representation>();

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

/** The ranges of an Accept header, the most wanted first; equal ones keep their order. */
export function parseAccept(header: string): MediaRange[] {
  return header
    .split(',')
    .map(parseRange)
    .filter((range) => range !== undefined)
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function choose(header: string, watching: boolean): Representation {
  for (const { type, parameters } of parseAccept(header)) {
    const mediaType = offered.find((one) => matches(type, one));
    if (mediaType === undefined) continue;
    // A watch is a stream of JSON documents; there is no YAML form of it.
    if (watching && mediaType !== 'application/json') continue;
    const as = parameters['as'];
    if (as === undefined) return { mediaType, as: 'object', asVersion: '' };
    const asVersion = parameters['v'] ?? '';
    if (parameters['g'] !== 'meta.k8s.io' || (asVersion !== 'v1' && asVersion !== 'v1beta1')) continue;
    if (as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { mediaType, as, asVersion };
    }
  }
  throw notAcceptable(watching ? ['application/json', 'application/json;stream=watch'] : offeredNames);
}

/** Chooses among what the server can send; throws 406 when nothing fits. */
export function negotiate(header: string | undefined, watching = false): Representation {
  const accept = header === undefined || header === '' ? '*/*' : header;
  const key = watching ? `w${accept}` : accept;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const chosen = choose(accept, watching);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(key, chosen);
  return chosen;
}

const bodyTypes: Readonly<Record<string, 'json' | 'yaml'>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'text/json': 'json',
};

/** How to read a request's body; no content type means JSON. Throws 415 for what the server cannot read. */
export function bodyFormat(contentType: string | undefined): 'json' | 'yaml' {
  const type = mediaTypeOf(contentType);
  const format = type === '' ? 'json' : bodyTypes[type];
  if (format === undefined) throw unsupportedMediaType(offeredNames);
  return format;
}

/** A content type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
