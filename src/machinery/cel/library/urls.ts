/** URLs in expressions. */
import type { Library } from '../declarations.ts';
import { global, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, listType, mapType, objectType, stringType } from '../types.ts';
import { CelMap, CelObject } from '../values.ts';
import type { GoURL } from './go-url.ts';
import { escapedPath, GoURLError, hostname, parseRequestURI, parseURL, port, queryOf } from './go-url.ts';

export const urlType = objectType('kubernetes.URL');

export class CelURL extends CelObject {
  readonly celType = urlType;
  readonly url: GoURL;

  constructor(url: GoURL) {
    super();
    this.url = url;
  }

  override equals(other: CelObject): boolean {
    return other instanceof CelURL && this.url.text === other.url.text;
  }

  override toJSON(): string {
    return this.url.text;
  }
}

const url = object(urlType, CelURL);

function parse(text: string): CelURL {
  try {
    parseRequestURI(text);
    return new CelURL(parseURL(text));
  } catch (error) {
    if (error instanceof GoURLError) return fail(`URL parse error during conversion from string: ${error.message}`);
    throw error;
  }
}

function isURL(text: string): boolean {
  try {
    parseRequestURI(text);
    return true;
  } catch (error) {
    if (error instanceof GoURLError) return false;
    throw error;
  }
}

function queryMap(value: CelURL): CelMap {
  const map = new CelMap();
  for (const [key, values] of queryOf(value.url)) map.add(key, values);
  return map;
}

export const urlLibrary: Library = {
  url: [global('string_to_url', [string], urlType, parse)],
  isURL: [global('is_url_string', [string], boolType, isURL)],
  getScheme: [member('url_get_scheme', [url], stringType, (value) => value.url.scheme)],
  getHost: [member('url_get_host', [url], stringType, (value) => value.url.host)],
  getHostname: [member('url_get_hostname', [url], stringType, (value) => hostname(value.url))],
  getPort: [member('url_get_port', [url], stringType, (value) => port(value.url))],
  getEscapedPath: [member('url_get_escaped_path', [url], stringType, (value) => escapedPath(value.url))],
  getQuery: [member('url_get_query', [url], mapType(stringType, listType(stringType)), queryMap)],
};
