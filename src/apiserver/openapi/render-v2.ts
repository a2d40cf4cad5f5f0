import { createHash } from 'node:crypto';
import { type Json, type JsonMap, put } from './json.ts';
import type { Operation, PathItem } from './operation.ts';
import { type Parameter, sorted } from './parameters.ts';
import { SchemaSet, type TypeNotes } from './schemas.ts';

const codeTexts = { 200: 'OK', 201: 'Created', 202: 'Accepted' } as const;

/** Parameters that stay where they are: kubectl before 1.27 looks for these in each PATCH and follows no reference. */
const unshared: ReadonlySet<string> = new Set(['name', 'dryRun', 'fieldValidation']);

/** The Swagger 2.0 document of the whole server, built path by path. */
export class V2Renderer {
  readonly #set: SchemaSet;
  readonly #version: string;
  readonly #paths: Record<string, Json> = {};
  readonly #shared = new Map<string, JsonMap>();
  readonly #references = new Map<Parameter, JsonMap>();

  constructor(notes: TypeNotes, version: string) {
    this.#set = new SchemaSet('v2', notes);
    this.#version = version;
  }

  add({ path, parameters, operations }: PathItem): void {
    const result: Record<string, Json> = {};
    for (const one of operations) result[one.method] = this.#operation(one);
    if (parameters.length > 0) result['parameters'] = this.#parameters(parameters);
    this.#paths[path] = result;
  }

  document(): JsonMap {
    return {
      swagger: '2.0',
      info: { title: 'Kubernetes', version: this.#version },
      paths: this.#paths,
      definitions: this.#set.definitions(),
      parameters: Object.fromEntries([...this.#shared].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securityDefinitions: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
      security: [{ BearerToken: [] }],
    };
  }

  #operation({ id, tag, description, body, parameters, codes, answer, mediaTypes, action, kind }: Operation): JsonMap {
    const result: Record<string, Json> = {
      description,
      consumes: body?.mediaTypes ?? ['*/*'],
      produces: mediaTypes,
      schemes: ['https'],
      tags: [tag],
      operationId: id,
    };
    const all = [...this.#parameters(parameters)];
    if (body !== undefined) {
      const required = body.required ? { required: true } : {};
      all.push({ name: 'body', in: 'body', ...required, schema: body.schema(this.#set) });
    }
    if (all.length > 0) result['parameters'] = all;
    const responses: Record<string, Json> = {};
    for (const code of codes) responses[code] = { description: codeTexts[code], schema: answer(this.#set) };
    responses['401'] = { description: 'Unauthorized' };
    result['responses'] = responses;
    put(result, 'x-kubernetes-action', action);
    put(result, 'x-kubernetes-group-version-kind', kind);
    return result;
  }

  #parameters(parameters: readonly Parameter[]): readonly JsonMap[] {
    return sorted(parameters).map((one) => this.#parameter(one));
  }

  #parameter(parameter: Parameter): JsonMap {
    let known = this.#references.get(parameter);
    if (known === undefined) {
      known = unshared.has(parameter.name) ? printed(parameter) : this.#share(parameter);
      this.#references.set(parameter, known);
    }
    return known;
  }

  #share(parameter: Parameter): JsonMap {
    const form = printed(parameter);
    const hash = createHash('sha256').update(JSON.stringify(form)).digest('base64url').slice(0, 8);
    const name = `${parameter.name}-${hash}`;
    this.#shared.set(name, form);
    return { $ref: `#/parameters/${name}` };
  }
}

function printed({ name, in: place, type, description }: Parameter): JsonMap {
  return {
    uniqueItems: true,
    type,
    ...(description === undefined ? {} : { description }),
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
  };
}
