import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeMessage } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

test('writes the bytes that the encoding guide shows', () => {
  const writer = new ProtobufWriter();
  writer.message(3, (inner) => inner.bool(1, true));
  writer.string(2, 'testing');
  writer.double(1, 1);
  assert.equal(writer.bytes().toString('hex'), '1a020801120774657374696e6709000000000000f03f');
});

test('leaves zero values out, unless they are present', () => {
  const writer = new ProtobufWriter();
  writer.string(1, '');
  writer.bool(2, false);
  writer.double(3, 0);
  assert.equal(writer.bytes().length, 0);
  writer.string(1, '', true);
  writer.bool(2, false, true);
  assert.equal(writer.bytes().toString('hex'), '0a001000');
});

test('what is written can be read, however deep and long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })),
      fc.integer({ min: 1, max: 8 }),
      (texts, depth) => {
        const writer = new ProtobufWriter();
        const write = (to: ProtobufWriter, level: number): void => {
          if (level > 0) to.message(level * 20, (inner) => write(inner, level - 1));
          else for (const text of texts) to.message(1, (inner) => inner.string(15, text));
        };
        write(writer, depth);
        let message = decodeMessage(writer.bytes());
        for (let level = depth; level > 0; level--) message = message.message(level * 20);
        assert.deepEqual(
          message.messages(1).map((inner) => inner.text(15)),
          texts,
        );
      },
    ),
  );
});
