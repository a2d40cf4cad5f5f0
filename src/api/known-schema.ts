import { lookupSchema, type ObjectSchema } from './schema/schema.ts';

/** A type of the schema table by its OpenAPI name. Throws when there is none, which is a mistake in this program. */
export function knownSchema(name: string): ObjectSchema {
  const schema = lookupSchema(name);
  if (schema === undefined) throw new Error(`no schema named ${name}`);
  return schema;
}
