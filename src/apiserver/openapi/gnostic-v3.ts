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

/** `openapi.v3.Document` of gnostic's OpenAPIv3.proto. */
export function encodeV3(document: JsonMap): Buffer {
  const writer = new ProtobufWriter();
  writeMembers(writer, document, documentMembers);
  return writer.bytes();
}

const strings = each(string);

/** Only scalars have a place in the message; a default object is an empty one. */
const defaultType: Form = (writer, field, value) => {
  writer.message(field, (inner) => {
    if (typeof value === 'number') inner.double(1, value, true);
    else if (typeof value === 'boolean') inner.bool(2, value, true);
    else if (typeof value === 'string') inner.string(3, value, true);
  });
};

const reference = message(() => ({ $ref: [1, string] }));
const schemaOrReference: Form = choose((value) =>
  value['$ref'] === undefined ? within(1, schema) : within(2, reference),
);
const schema = message((): Members => schemaMembers);
const schemaMembers: Members = {
  uniqueItems: [20, bool],
  required: [23, strings],
  enum: [24, each(any)],
  type: [25, string],
  allOf: [26, each(schemaOrReference)],
  oneOf: [27, each(schemaOrReference)],
  items: [30, within(1, schemaOrReference)],
  properties: [31, within(1, named(schemaOrReference))],
  additionalProperties: [32, within(1, schemaOrReference)],
  default: [33, defaultType],
  description: [34, string],
  format: [35, string],
  'x-': [36, any],
};

const parameter = message(() => ({
  name: [1, string],
  in: [2, string],
  description: [3, string],
  required: [4, bool],
  schema: [10, schemaOrReference],
}));
const parameters = each(within(1, parameter));
const content = within(1, named(message(() => ({ schema: [1, schemaOrReference] }))));
const requestBody = message(() => ({ content: [2, content], required: [3, bool] }));
const response = message(() => ({ description: [1, string], content: [3, content] }));
const operation = message(() => ({
  tags: [1, strings],
  description: [3, string],
  operationId: [5, string],
  parameters: [6, parameters],
  requestBody: [7, within(1, requestBody)],
  responses: [8, within(2, named(within(1, response)))],
  'x-': [13, any],
}));
const pathItem = message(() => ({
  get: [4, operation],
  put: [5, operation],
  post: [6, operation],
  delete: [7, operation],
  patch: [10, operation],
  parameters: [13, parameters],
}));
const securityScheme = message(() => ({
  type: [1, string],
  description: [2, string],
  name: [3, string],
  in: [4, string],
}));
const components = message(() => ({
  schemas: [1, within(1, named(schemaOrReference))],
  securitySchemes: [7, within(1, named(within(1, securityScheme)))],
}));

const documentMembers: Members = {
  openapi: [1, string],
  info: [2, message(() => ({ title: [1, string], version: [6, string] }))],
  paths: [4, within(1, named(pathItem))],
  components: [5, components],
};
