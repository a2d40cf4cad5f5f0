import type { ResourceDefinition } from '../../src/api/contract.ts';
import { decode } from '../../src/api/schema/decode.ts';
import { encodeEnveloped } from '../../src/api/schema/protobuf/envelope.ts';
import type { Chooser } from './choose.ts';

export const protobuf = 'application/vnd.kubernetes.protobuf';

/** An object of a kind as protobuf, mostly with a few bytes changed, lost or added. */
export function randomProtobuf(choose: Chooser, definition: ResourceDefinition, object: object): Buffer {
  const { group, version, kind, schema } = definition;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  let bytes = encodeEnveloped(schema, { apiVersion, kind }, decode(schema, object));
  if (choose.chance(0.3)) return bytes;
  for (let i = choose.int(4); i >= 0 && bytes.length > 0; i--) {
    const at = choose.int(bytes.length);
    switch (choose.int(4)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), choose.bytes(8), bytes.subarray(at)]);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + choose.int(8))]);
        break;
      default:
        bytes[at] = choose.chance(0.5) ? choose.int(256) : choose.pick([0, 0x7f, 0x80, 0xff]);
    }
  }
  return bytes;
}
