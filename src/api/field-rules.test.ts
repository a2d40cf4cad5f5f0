import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root, type FieldError } from '../machinery/field-error.ts';
import { isDNS1123Label } from '../machinery/names.ts';
import {
  validateByRule,
  validateImmutable,
  validateNonnegative,
  validatePositive,
  validateRequiredEnum,
} from './field-rules.ts';

const path = root('spec').child('x');

function texts(rule: (errors: FieldError[]) => void): string[] {
  const errors: FieldError[] = [];
  rule(errors);
  return errors.map(String);
}

test('numbers have a least value, and an absent one is zero', () => {
  assert.deepEqual(
    texts((errors) => validateNonnegative(0, path, errors)),
    [],
  );
  assert.deepEqual(
    texts((errors) => validateNonnegative(undefined, path, errors)),
    [],
  );
  assert.deepEqual(
    texts((errors) => validateNonnegative(-1, path, errors)),
    ['spec.x: Invalid value: -1: must be greater than or equal to 0'],
  );
  assert.deepEqual(
    texts((errors) => validatePositive(1, path, errors)),
    [],
  );
  for (const value of [0, undefined, null]) {
    assert.deepEqual(
      texts((errors) => validatePositive(value, path, errors)),
      ['spec.x: Invalid value: 0: must be greater than zero'],
    );
  }
});

test('what is immutable may be written in another way', () => {
  assert.deepEqual(
    texts((errors) => validateImmutable({ a: 1, b: [] }, { a: 1 }, path, errors)),
    [],
  );
  assert.deepEqual(
    texts((errors) => validateImmutable({ a: 1 }, { a: 2 }, path, errors)),
    ['spec.x: Invalid value: {"a":1}: field is immutable'],
  );
  assert.deepEqual(
    texts((errors) => validateImmutable(undefined, 'a', path, errors)),
    ['spec.x: Invalid value: null: field is immutable'],
  );
});

test('values are held to a rule or to a set', () => {
  assert.deepEqual(
    texts((errors) => validateByRule(isDNS1123Label, 'a', path, errors)),
    [],
  );
  assert.deepEqual(
    texts((errors) => validateByRule(isDNS1123Label, 'a.b', path, errors)),
    ['spec.x: Invalid value: "a.b": must not contain dots'],
  );
  const set = ['B', 'A'];
  assert.deepEqual(
    texts((errors) => validateRequiredEnum('A', set, path, errors)),
    [],
  );
  assert.deepEqual(
    texts((errors) => validateRequiredEnum('', set, path, errors)),
    ['spec.x: Required value'],
  );
  assert.deepEqual(
    texts((errors) => validateRequiredEnum('C', set, path, errors)),
    ['spec.x: Unsupported value: "C": supported values: "B", "A"'],
  );
});
