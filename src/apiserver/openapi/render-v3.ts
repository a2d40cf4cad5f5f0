import { type Json, type JsonMap, put } from './json.ts';
import type { Operation, PathItem } from './operation.ts';
import { type Parameter, sorted } from './parameters.ts';
import { SchemaSet, type TypeNotes } from './schemas.ts';

const codeTexts = { 200: 'OK', 201: 'Created', 202: 'Accepted' } as const;

/** The OpenAPI 3.0 document of some paths, with the schemas that they use. */
export function renderV3(paths: readonly PathItem[], notes: TypeNotes, version: string): JsonMap {
  const set = new SchemaSet('v3', notes);
  const rendered = Object.fromEntries(paths.map((item) => [item.path, pathItem(item, set)]));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: rendered,
    components: {
      schemas: set.definitions(),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function pathItem({ parameters, operations }: PathItem, set: SchemaSet): JsonMap {
  const result: Record<string, Json> = {};
  for (const one of operations) result[one.method] = operation(one, set);
  if (parameters.length > 0) result['parameters'] = sorted(parameters).map(parameter);
  return result;
}

function operation(input: Operation, set: SchemaSet): JsonMap {
  const { id, tag, description, body, parameters, codes, answer, mediaTypes, action, kind } = input;
  const result: Record<string, Json> = { tags: [tag], description, operationId: id };
  if (parameters.length > 0) result['parameters'] = sorted(parameters).map(parameter);
  if (body !== undefined) {
    result['requestBody'] = {
      content: content(body.mediaTypes, body.schema(set)),
      ...(body.required ? { required: true } : {}),
    };
  }
  const responses: Record<string, Json> = {};
  for (const code of codes) {
    responses[code] = { description: codeTexts[code], content: content(mediaTypes, answer(set)) };
  }
  responses['401'] = { description: 'Unauthorized' };
  result['responses'] = responses;
  put(result, 'x-kubernetes-action', action);
  put(result, 'x-kubernetes-group-version-kind', kind);
  return result;
}

function content(mediaTypes: readonly string[], schema: JsonMap): JsonMap {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}

function parameter({ name, in: place, type, description }: Parameter): JsonMap {
  return {
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}
