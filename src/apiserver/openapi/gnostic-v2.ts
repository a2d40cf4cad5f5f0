import {
  any,
  bool,
  choose,
  each,
  type Form,
  type Members,
  message,
  named,
  string,
  within,
  writeMembers,
} from './gnostic.ts';
import type { JsonMap } from './json.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** `openapi.v2.Document` of gnostic's OpenAPIv2.proto, for clients that read Swagger 2.0 only as protobuf. */
export function encodeV2(document: JsonMap): Buffer {
  const writer = new ProtobufWriter();
  writeMembers(writer, document, documentMembers);
  return writer.bytes();
}

const strings = each(string);

const schema = message((): Members => schemaMembers);
const schemaMembers: Members = {
  $ref: [1, string],
  format: [2, string],
  description: [4, string],
  required: [19, strings],
  enum: [20, each(any)],
  additionalProperties: [21, within(1, schema)],
  type: [22, within(1, strings)],
  items: [23, within(1, schema)],
  properties: [25, within(1, named(schema))],
  'x-': [31, any],
};

const bodyParameter = message(() => ({
  name: [2, string],
  in: [3, string],
  required: [4, bool],
  schema: [5, schema],
}));
const queryParameter = message(() => ({
  in: [2, string],
  description: [3, string],
  name: [4, string],
  type: [6, string],
  uniqueItems: [20, bool],
}));
const pathParameter = message(() => ({
  required: [1, bool],
  in: [2, string],
  description: [3, string],
  name: [4, string],
  type: [5, string],
  uniqueItems: [19, bool],
}));
const parameter: Form = choose((value) => {
  if (value['in'] === 'body') return within(1, bodyParameter);
  return within(2, value['in'] === 'path' ? within(4, pathParameter) : within(3, queryParameter));
});
const parametersItem: Form = choose((value) =>
  value['$ref'] === undefined
    ? within(1, parameter)
    : within(
        2,
        message(() => ({ $ref: [1, string] })),
      ),
);

const response = message(() => ({ description: [1, string], schema: [2, within(1, schema)] }));
const operation = message(() => ({
  tags: [1, strings],
  description: [3, string],
  operationId: [5, string],
  produces: [6, strings],
  consumes: [7, strings],
  parameters: [8, each(parametersItem)],
  responses: [9, within(1, named(within(1, response)))],
  schemes: [10, strings],
  'x-': [13, any],
}));
const pathItem = message(() => ({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
  parameters: [9, each(parametersItem)],
}));
const apiKeySecurity = message(() => ({
  type: [1, string],
  name: [2, string],
  in: [3, string],
  description: [4, string],
}));

const documentMembers: Members = {
  swagger: [1, string],
  info: [2, message(() => ({ title: [1, string], version: [2, string] }))],
  paths: [8, within(2, named(pathItem))],
  definitions: [9, within(1, named(schema))],
  parameters: [10, within(1, named(parameter))],
  security: [12, each(within(1, named(within(1, strings))))],
  securityDefinitions: [13, within(1, named(within(2, apiKeySecurity)))],
};
