import { isUtf8 } from 'node:buffer';
import { constructFromEvents, CORE_SCHEMA, mapTag, mergeTag, parseEvents, YAMLException } from 'js-yaml';
import { ExactInteger } from '../../machinery/exact-integer.ts';
import { DepthError } from './json.ts';
import type { ParsedText, ParseLimits } from './json.ts';
import { checkAliases, duplicateKeys, firstDocument } from './yaml-events.ts';
import { binaryTag, booleanTag, floatTag, integerTag } from './yaml-scalars.ts';

/** A text that is not YAML, or not such as has a form in JSON. */
export class YamlError extends Error {
  override name = 'YamlError';
}

/** Kubernetes reads YAML 1.1: its truth values, octal numbers and merge keys. Names of fields are strings. */
const schema = CORE_SCHEMA.withTags(mergeTag, booleanTag, integerTag, floatTag, binaryTag, {
  ...mapTag,
  addPair: (map: Record<string, unknown>, key: unknown, value: unknown) => {
    if (key === null || (typeof key === 'object' && !(key instanceof ExactInteger))) {
      return 'unsupported map key: it is neither a string nor a number nor a truth value';
    }
    return mapTag.addPair(map, key instanceof ExactInteger ? key.text : key, value);
  },
});

/** Keys taken over by `<<` in one document. */
const maxMergedKeys = 10_000;

/**
 * Parses the first document of a YAML text into what JSON can hold. Throws a {@link YamlError} that says the line, or a
 * DepthError. Documents whose aliases would expand beyond measure are refused, as upstream does.
 */
export function parseYaml(bytes: Uint8Array, limits: ParseLimits): ParsedText {
  if (!isUtf8(bytes)) throw new YamlError('yaml: invalid leading UTF-8 octet');
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const events = translateErrors(source, () => {
    const all = firstDocument(parseEvents(source, { maxDepth: limits.depth }));
    checkAliases(all, source, limits.depth);
    return all;
  });
  const [value = null] = translateErrors(source, () =>
    constructFromEvents(events, { source, schema, json: true, maxTotalMergeKeys: maxMergedKeys }),
  );
  return {
    value,
    duplicates: () => {
      const found = duplicateKeys(events, source, (text) => schema.resolveImplicitScalarTag(text).value);
      return found.length === 0 ? [] : [`yaml: unmarshal errors:\n  ${found.join('\n  ')}`];
    },
  };
}

function translateErrors<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new DepthError('exceeded max depth', { cause: error });
    if (error instanceof YAMLException) {
      if (error.reason.includes('maxDepth')) throw new DepthError('exceeded max depth', { cause: error });
      const line = source === '' || error.mark === undefined ? 1 : error.mark.line + 1;
      throw new YamlError(`yaml: line ${line}: ${error.reason}`, { cause: error });
    }
    if (error instanceof Error && error.message === 'exceeded max depth') throw new DepthError(error.message);
    if (error instanceof Error) throw new YamlError(error.message, { cause: error });
    throw error;
  }
}
