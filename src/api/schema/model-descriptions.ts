import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TypeDescription } from './descriptions.ts';
import { allSchemas } from './schema.ts';
import type { ObjectSchema } from './schema.ts';

/** Classes that share a name across groups carry their group in front: `CoreV1Event`, `EventsV1Event`. */
const className = /^([A-Z][a-z]*?)?V(\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)$/;
const fieldDeclaration = /(?:\/\*\*\n\s*\* (.*)\n\s*\*\/\n\s*)?^\s+'([^']+)'\??:/gm;
const classComment = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/;

/**
 * Descriptions of types and fields from the comments of `@kubernetes/client-node`'s model classes, by OpenAPI name.
 * `folder` is that package's `dist/gen/models`. Classes of API versions that are gone are passed over.
 */
export async function extractDescriptions(folder: string): Promise<Map<string, TypeDescription>> {
  const schemas = new Map<string, ObjectSchema[]>();
  for (const schema of allSchemas()) {
    const key = schema.goType.toLowerCase();
    const list = schemas.get(key);
    if (list === undefined) schemas.set(key, [schema]);
    else list.push(schema);
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith('.d.ts')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const descriptions = new Map<string, TypeDescription>();
  for (const [index, file] of files.entries()) {
    const [, group = '', version, name] = className.exec(file.slice(0, -'.d.ts'.length)) ?? [];
    if (version === undefined || name === undefined) continue;
    const model = readModel(texts[index] ?? '');
    const candidates = (schemas.get(`v${version}.${name}`.toLowerCase()) ?? []).filter(
      (schema) => group === '' || schema.name.toLowerCase().includes(`.${group.toLowerCase()}.v${version}.`),
    );
    const schema = candidates.find((candidate) => matches(candidate, model));
    if (schema !== undefined) descriptions.set(schema.name, describe(schema, model));
  }
  return descriptions;
}

interface Model {
  readonly description: string | undefined;
  /** Description of each property, empty where there is none. */
  readonly fields: ReadonlyMap<string, string>;
}

function readModel(text: string): Model {
  const description = classComment.exec(text)?.[1];
  const fields = new Map<string, string>();
  for (const [, comment = '', name = ''] of text.matchAll(fieldDeclaration)) fields.set(name, unescape(comment));
  return { description: description === undefined ? undefined : unescape(description), fields };
}

function unescape(comment: string): string {
  return comment.replace(/\\(['"\\])/g, '$1');
}

/** The JSON name of a property: the classes rename what is no TypeScript identifier. */
function jsonName(schema: ObjectSchema, property: string): string | undefined {
  return [property, property.replace(/^_/, ''), `$${property}`, property.replaceAll('_', '-')].find(
    (name) => schema.field(name) !== undefined,
  );
}

/** Several groups may have a type of the name: the one with exactly these fields is meant. */
function matches(schema: ObjectSchema, model: Model): boolean {
  return schema.fields.length === model.fields.size && [...model.fields.keys()].every((name) => jsonName(schema, name));
}

function describe(schema: ObjectSchema, model: Model): TypeDescription {
  const fields: Record<string, string> = {};
  for (const [property, description] of model.fields) {
    const name = jsonName(schema, property);
    if (name !== undefined && description !== '') fields[name] = description;
  }
  return model.description === undefined ? { fields } : { description: model.description, fields };
}
