import { dump, DUMP_SCHEMA, Schema } from 'js-yaml';
import { ExactInteger } from '../../machinery/exact-integer.ts';

const integerTagName = 'tag:yaml.org,2002:int';

/**
 * Quotes what any YAML parser, of whichever version, would take for something other than a text; prints integers of many
 * digits as the integers that they are.
 */
const schema = new Schema(
  DUMP_SCHEMA.tags.map((tag) => {
    if (tag.nodeKind !== 'scalar' || tag.tagName !== integerTagName) return tag;
    return {
      ...tag,
      identify: (value: unknown) => value instanceof ExactInteger || tag.identify(value),
      represent: (value: unknown) => (value instanceof ExactInteger ? value.text : tag.represent(value)),
    };
  }),
);

/** A JSON value as YAML, the names of its fields in order, as upstream prints it. */
export function formatYaml(value: unknown): string {
  return dump(value, { schema, sortKeys: true, lineWidth: -1, noRefs: true });
}
