import assert from 'node:assert/strict';
import { test } from 'node:test';
import { omitValue, Path, root } from './field-error.ts';

test('paths print as upstream writes them', () => {
  const containers = root('spec').child('template', 'spec').child('containers');
  assert.equal(containers.index(0).child('name').toString(), 'spec.template.spec.containers[0].name');
  assert.equal(root('metadata').child('labels').key('example.com/a').toString(), 'metadata.labels[example.com/a]');
  assert.equal(new Path('').child('kind').toString(), 'kind');
});

test('each type of error has upstream’s text', () => {
  const path = root('spec').child('x');
  const cases: [{ toString(): string }, string][] = [
    [path.required(), 'spec.x: Required value'],
    [path.required('must be set'), 'spec.x: Required value: must be set'],
    [path.invalid('a"b', 'no quotes'), 'spec.x: Invalid value: "a\\"b": no quotes'],
    [
      path.invalid(-1, 'must be greater than or equal to 0'),
      'spec.x: Invalid value: -1: must be greater than or equal to 0',
    ],
    [path.invalid(undefined, 'm'), 'spec.x: Invalid value: null: m'],
    [path.invalid({ a: '<b>' }, 'm'), 'spec.x: Invalid value: {"a":"\\u003cb\\u003e"}: m'],
    [path.typeInvalid(true, 'm'), 'spec.x: Invalid value: true: m'],
    [path.notFound('y'), 'spec.x: Not found: "y"'],
    [path.duplicate('y'), 'spec.x: Duplicate value: "y"'],
    [path.forbidden('not here'), 'spec.x: Forbidden: not here'],
    [path.notSupported('z', new Set(['b', 'a'])), 'spec.x: Unsupported value: "z": supported values: "b", "a"'],
    [path.notSupported('z', []), 'spec.x: Unsupported value: "z"'],
    [path.tooLong('long', 1), 'spec.x: Too long: may not be more than 1 byte'],
    [path.tooLong('long', 63), 'spec.x: Too long: may not be more than 63 bytes'],
    [path.tooLongCharacters('long', 2), 'spec.x: Too long: may not be more than 2 characters'],
    [path.tooShort('', 1), 'spec.x: Too short: must be at least 1 character'],
    [path.tooMany(3, 2), 'spec.x: Too many: 3: must have at most 2 items'],
    [path.tooFew(0, 1), 'spec.x: Too few: 0: must have at least 1 item'],
    [path.internalError('lost'), 'spec.x: Internal error: lost'],
  ];
  for (const [error, text] of cases) assert.equal(error.toString(), text);
});

test('a value that is too long is not kept', () => {
  assert.equal(root('x').tooLong('secret', 1).value, '<value omitted>');
});

test('a value may be left out', () => {
  assert.equal(root('rules').index(1).invalid(omitValue, 'too odd').toString(), 'rules[1]: Invalid value: too odd');
});
