import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  TimeError,
  canonicalMicroTime,
  canonicalTime,
  formatMicroTime,
  formatTime,
  parseMicroTime,
  parseTime,
} from './time.ts';

test('reads what Go reads, and writes it as the API does', () => {
  const cases: [string, string][] = [
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['2024-02-28T23:59:59.5Z', '2024-02-28T23:59:59Z'],
    ['2024-02-28T23:59:59,999999999Z', '2024-02-28T23:59:59Z'],
    ['2024-02-02T3:04:05Z', '2024-02-02T03:04:05Z'],
    ['2024-01-01T00:00:00+01:30', '2023-12-31T22:30:00Z'],
    ['2024-01-01T00:00:00-24:60', '2024-01-02T01:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['0000-01-01T00:00:00+01:00', '-0001-12-31T23:00:00Z'],
    ['0001-01-01T00:00:01Z', '0001-01-01T00:00:01Z'],
    ['9999-12-31T23:59:59-01:00', '10000-01-01T00:59:59Z'],
  ];
  for (const [text, written] of cases) assert.equal(canonicalTime(text), written);
  assert.equal(canonicalMicroTime('2024-02-02T03:04:05.123456+00:00'), '2024-02-02T03:04:05.123456Z');
  assert.equal(canonicalMicroTime('8636-06-11T22:14:58.999999Z'), '8636-06-11T22:14:58.999999Z');
});

test('Go’s zero time is null', () => {
  assert.equal(canonicalTime('0001-01-01T00:00:00Z'), null);
  assert.equal(canonicalMicroTime('0001-01-01T00:00:00.000000Z'), null);
});

test('refuses in Go’s words', () => {
  const as = (text: string, rest: string, piece: string): string =>
    `parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse "${rest}" as "${piece}"`;
  const cases: [string, string][] = [
    ['', as('', '', '2006')],
    ['tomorrow', as('tomorrow', 'tomorrow', '2006')],
    ['2024', as('2024', '', '-')],
    ['2024-1-01T00:00:00Z', as('2024-1-01T00:00:00Z', '1-01T00:00:00Z', '01')],
    ['2024-02-28 23:59:59Z', as('2024-02-28 23:59:59Z', ' 23:59:59Z', 'T')],
    ['2024-02-28T23:59:59', as('2024-02-28T23:59:59', '', 'Z07:00')],
    ['2024-02-28T23:59:59z', as('2024-02-28T23:59:59z', 'z', 'Z07:00')],
    ['2024-02-28T23:59:59é', as('2024-02-28T23:59:59\\xc3\\xa9', '\\xc3\\xa9', 'Z07:00')],
    ['2024-02-28T23:59:59+0100', as('2024-02-28T23:59:59+0100', '+0100', 'Z07:00')],
    ['2024-13-01T00:00:00Z', 'parsing time "2024-13-01T00:00:00Z": month out of range'],
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['1900-02-29T00:00:00Z', 'parsing time "1900-02-29T00:00:00Z": day out of range'],
    ['2024-02-28T24:00:00Z', 'parsing time "2024-02-28T24:00:00Z": hour out of range'],
    ['2024-02-28T23:60:00Z', 'parsing time "2024-02-28T23:60:00Z": minute out of range'],
    ['2024-02-28T23:59:60Z', 'parsing time "2024-02-28T23:59:60Z": second out of range'],
    ['2024-02-28T23:59:59+25:00', 'parsing time "2024-02-28T23:59:59+25:00": time zone offset hour out of range'],
    ['2024-02-28T23:59:59+23:61', 'parsing time "2024-02-28T23:59:59+23:61": time zone offset minute out of range'],
    ['2024-02-28T23:59:59Z"', 'parsing time "2024-02-28T23:59:59Z\\"": extra text: "\\""'],
  ];
  for (const [text, message] of cases) assert.throws(() => parseTime(text), { name: 'TimeError', message }, text);
  assert.throws(() => parseMicroTime('2024-02-02T03:04:05Z'), {
    message: 'parsing time "2024-02-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  });
  assert.throws(() => parseMicroTime('2024-02-02T03:04:05.1234567Z'), {
    message:
      'parsing time "2024-02-02T03:04:05.1234567Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "7Z" as "Z07:00"',
  });
});

test('every moment of our time survives being written and read', () => {
  const micros = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) * 1000 });
  const zone = fc.integer({ min: -24 * 60, max: 24 * 60 });
  fc.assert(
    fc.property(micros, zone, (micros, zoneMinutes) => {
      const ms = micros / 1000;
      assert.equal(Math.round(parseMicroTime(formatMicroTime(ms)) * 1000), micros);
      assert.equal(parseTime(formatTime(ms)), Math.floor(ms / 1000) * 1000);
      assert.equal(formatTime(ms), `${new Date(Math.floor(ms)).toISOString().slice(0, 19)}Z`);
      const [hours, minutes] = [Math.floor(Math.abs(zoneMinutes) / 60), Math.abs(zoneMinutes) % 60];
      const local = formatTime(ms + zoneMinutes * 60_000).slice(0, -1);
      const offset = [hours, minutes].map((part) => String(part).padStart(2, '0')).join(':');
      assert.equal(canonicalTime(`${local}${zoneMinutes < 0 ? '-' : '+'}${offset}`), formatTime(ms));
    }),
  );
});

test('no text makes it do anything but answer or refuse', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789-:TZ+., é"'), maxLength: 30 });
  fc.assert(
    fc.property(digits, (text) => {
      for (const canonical of [canonicalTime, canonicalMicroTime]) {
        try {
          const written = canonical(text);
          if (written !== null) assert.equal(canonical(written), written);
        } catch (error) {
          assert.ok(error instanceof TimeError);
        }
      }
    }),
  );
});
