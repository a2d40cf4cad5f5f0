/** Bytes that are not a message of the type they should be. The message is what Go's generated decoder says of it. */
export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

/** An object that its type's message cannot hold: what is stored is not what the schema says. */
export class ProtobufEncodeError extends Error {
  override name = 'ProtobufEncodeError';
}
