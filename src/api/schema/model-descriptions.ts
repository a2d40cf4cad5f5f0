import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TypeDescription } from './descriptions.ts';
import { allSchemas } from './schema.ts';
import type { ObjectSchema } from './schema.ts';

/** A type as `@kubernetes/client-node` has it. */
export interface Model {
  readonly schema: ObjectSchema;
  readonly description: string | undefined;
  /** By JSON name. */
  readonly fields: ReadonlyMap<string, ModelField>;
}

interface ModelField {
  readonly description: string;
  readonly required: boolean;
}

/** Classes that share a name across groups carry their group in front: `CoreV1Event`, `EventsV1Event`. */
const className = /^([A-Z][a-z]*?)?V(\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)$/;
const fieldDeclaration = /(?:\/\*\*\n\s*\* (.*)\n\s*\*\/\n\s*)?^\s+'([^']+)'(\??):/gm;
const classComment = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/;

/**
 * The model classes of `@kubernetes/client-node`, each with the type of the table that has exactly its fields.
 * `folder` is that package's `dist/gen/models`. Classes of API versions that are gone are passed over.
 */
export async function readModels(folder: string): Promise<Model[]> {
  const schemas = new Map<string, ObjectSchema[]>();
  for (const schema of allSchemas()) {
    const key = schema.goType.toLowerCase();
    const list = schemas.get(key);
    if (list === undefined) schemas.set(key, [schema]);
    else list.push(schema);
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith('.d.ts')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return files.flatMap((file, index) => {
    const [, group = '', version, name] = className.exec(file.slice(0, -'.d.ts'.length)) ?? [];
    if (version === undefined || name === undefined) return [];
    const candidates = (schemas.get(`v${version}.${name}`.toLowerCase()) ?? []).filter(
      (schema) => group === '' || schema.name.toLowerCase().includes(`.${group.toLowerCase()}.v${version}.`),
    );
    for (const schema of candidates) {
      const model = readModel(texts[index] ?? '', schema);
      if (model !== undefined) return [model];
    }
    return [];
  });
}

/** Descriptions of types and fields from the comments of the model classes, by OpenAPI name. */
export async function extractDescriptions(folder: string): Promise<Map<string, TypeDescription>> {
  const models = await readModels(folder);
  return new Map(
    models.map(({ schema, description, fields }) => {
      const described = Object.fromEntries(
        [...fields].filter(([, field]) => field.description !== '').map(([name, field]) => [name, field.description]),
      );
      return [schema.name, description === undefined ? { fields: described } : { description, fields: described }];
    }),
  );
}

/** Undefined when the class is not that of the type: several groups may have a type of one name. */
function readModel(text: string, schema: ObjectSchema): Model | undefined {
  const fields = new Map<string, ModelField>();
  for (const [, comment = '', property = '', optional] of text.matchAll(fieldDeclaration)) {
    const name = jsonName(schema, property);
    if (name === undefined) return undefined;
    fields.set(name, { description: unescape(comment), required: optional === '' });
  }
  if (fields.size !== schema.fields.length) return undefined;
  const description = classComment.exec(text)?.[1];
  return { schema, description: description === undefined ? undefined : unescape(description), fields };
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
