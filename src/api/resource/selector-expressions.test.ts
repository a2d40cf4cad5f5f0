import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from '../../machinery/field-error.ts';
import { expressionError } from './selector-expressions.ts';

function errorOf(expression: string): string | undefined {
  return expressionError(root('x'), expression)?.toString();
}

test('expressions that select devices', () => {
  for (const expression of [
    'true',
    'device.driver == "dra.example.com"',
    'device.attributes["dra.example.com"].model == "a100"',
    'device.attributes["dra.example.com"].isGood',
    'device.attributes["dra.example.com"].version.isGreaterThan(semver("1.2.3"))',
    'device.capacity["dra.example.com"].memory.compareTo(quantity("1Gi")) >= 0',
    'device.allowMultipleAllocations',
    '"dra.example.com" in device.attributes && device.attributes["dra.example.com"].all(k, k != "x")',
    'cel.bind(dra, device.attributes["dra.example.com"], dra.a && dra.b)',
  ]) {
    assert.equal(errorOf(expression), undefined, expression);
  }
});

test('expressions that cannot be evaluated', () => {
  assert.match(
    errorOf('noSuchVar') ?? '',
    /^x: Invalid value: "noSuchVar": compilation failed: ERROR: .*undeclared reference/s,
  );
  assert.match(errorOf('device.nothing') ?? '', /compilation failed: .*undefined field 'nothing'/s);
  assert.match(errorOf('') ?? '', /^x: Invalid value: "": compilation failed: /);
  assert.equal(
    errorOf('device.driver'),
    'x: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string',
  );
  const nested =
    'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a != b && c != d))))';
  assert.equal(errorOf(nested), 'x: Forbidden: too complex, exceeds cost limit');
});
