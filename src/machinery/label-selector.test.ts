import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { LabelSelectorError } from './label-requirement.ts';
import type { LabelRequirement, Labels } from './label-requirement.ts';
import { LabelSelector, formatLabelSelector } from './label-selector.ts';

function selects(text: string, labels: Labels | undefined): boolean {
  return LabelSelector.parse(text).matches(labels);
}

describe('matching', () => {
  test('every operator, with and without the label', () => {
    const yes: [string, Labels | undefined][] = [
      ['', undefined],
      ['a=1', { a: '1' }],
      ['a==1', { a: '1' }],
      ['a=', { a: '' }],
      ['a!=1', { a: '2' }],
      ['a!=1', {}],
      ['a!=1', undefined],
      ['a in (1,2)', { a: '2' }],
      ['a in (,x)', { a: '' }],
      ['a notin (1,2)', { a: '3' }],
      ['a notin (1,2)', {}],
      ['a', { a: '' }],
      ['!a', { b: '1' }],
      ['!a', undefined],
      ['a>5', { a: '6' }],
      ['a<5', { a: '4' }],
      ['a>9223372036854775806', { a: '9223372036854775807' }],
      ['a=1,b!=2,!c', { a: '1', b: '1' }],
      ['in in (in)', { in: 'in' }],
    ];
    for (const [text, labels] of yes) assert.equal(selects(text, labels), true, text);
    const no: [string, Labels | undefined][] = [
      ['a=1', { a: '2' }],
      ['a=', {}],
      ['a', undefined],
      ['!a', { a: '' }],
      ['a in (1,2)', {}],
      ['a notin (1,2)', { a: '1' }],
      ['a>5', { a: '5' }],
      ['a>5', { a: 'x' }],
      ['a>5', {}],
      ['a<5', { a: '9223372036854775808' }],
      ['a=1,b=2', { a: '1' }],
    ];
    for (const [text, labels] of no) assert.equal(selects(text, labels), false, text);
  });

  test('what every object inherits is no label', () => {
    assert.equal(selects('constructor', {}), false);
    assert.equal(selects('!toString', {}), true);
    assert.equal(selects('constructor!=x', {}), true);
    assert.equal(selects('constructor=x', JSON.parse('{"constructor":"x"}') as Labels), true);
  });

  test('nothing selects nothing, everything everything', () => {
    assert.equal(LabelSelector.nothing.matches({ a: '1' }), false);
    assert.equal(LabelSelector.nothing.isEmpty, false);
    assert.equal(LabelSelector.everything.matches(undefined), true);
    assert.equal(LabelSelector.parse(' ').isEmpty, true);
  });
});

test('prints in order of key, values in order, each once', () => {
  const cases: [string, string][] = [
    ['', ''],
    ['b = 1 , a==2', 'a==2,b=1'],
    ['a in ( y , x , y )', 'a in (x,y)'],
    ['a notin ()', 'a notin ()'],
    ['a in (x,)', 'a in (,x)'],
    ['! a,b', '!a,b'],
    ['a>1,a<5', 'a>1,a<5'],
    ['x.io/a=b\n', 'x.io/a=b'],
    ['a=,b', 'a=,b'],
  ];
  for (const [text, printed] of cases) {
    assert.equal(LabelSelector.parse(text).toString(), printed);
    assert.equal(LabelSelector.parse(printed).toString(), printed);
  }
});

test('refuses with upstream’s words', () => {
  const cases: [string, string][] = [
    ['a=1,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a=1 b=2', "found 'b', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (x,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      '-a',
      "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      'a=-',
      "unable to parse requirement: values[0][a]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => LabelSelector.parse(text), { name: 'LabelSelectorError', message }, text);
  }
});

const key = fc.constantFrom('a', 'b', 'x.io/c', 'in', 'notin');
const value = fc.constantFrom('', '0', '1', '2', '-', 'v', 'in').filter((text) => text !== '-');
const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('=', '==', '!='), values: fc.tuple(value) }),
  fc.record({ key, operator: fc.constantFrom('in', 'notin'), values: fc.uniqueArray(value, { minLength: 1 }) }),
  fc.record({ key, operator: fc.constantFrom('exists', '!'), values: fc.constant([]) }),
  fc.record({ key, operator: fc.constantFrom('gt', 'lt'), values: fc.tuple(fc.constantFrom('0', '1')) }),
);
const labels = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });

function write({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
  return `${key}${operator === 'gt' ? '>' : operator === 'lt' ? '<' : operator}${values.join()}`;
}

/** The meaning of one requirement, said in the plainest way. */
function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const has = Object.hasOwn(labels, key);
  const found = labels[key] ?? '';
  const isAmong = has && values.includes(found);
  const isNumber = has && /^\d+$/.test(found);
  switch (operator) {
    case 'exists':
      return has;
    case '!':
      return !has;
    case 'gt':
      return isNumber && Number(found) > Number(values[0]);
    case 'lt':
      return isNumber && Number(found) < Number(values[0]);
    case '!=':
    case 'notin':
      return !isAmong;
    default:
      return isAmong;
  }
}

test('selects what all its requirements select, whichever way it was made', () => {
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, tested) => {
      const expected = requirements.every((each) => holds(each, tested));
      const selector = LabelSelector.parse(requirements.map(write).join(', '));
      assert.equal(selector.matches(tested), expected);
      assert.equal(LabelSelector.parse(selector.toString()).matches(tested), expected);
      const operators = new Set(requirements.map(({ operator }) => operator));
      const keys = new Set(requirements.map((each) => each.key));
      if (!operators.has('gt') && !operators.has('lt') && keys.size === requirements.length) {
        assert.equal(LabelSelector.fromObject(selector.toObject()).matches(tested), expected);
      }
    }),
    { numRuns: 500 },
  );
});

test('no text makes it do anything but select or refuse', () => {
  const token = fc.constantFrom('a', 'b/c', 'in', 'notin', '=', '!', '(', ')', ',', '<', '>', ' ', '\0', 'é', '-');
  fc.assert(
    fc.property(fc.array(token, { maxLength: 10 }), (tokens) => {
      try {
        const selector = LabelSelector.parse(tokens.join(''));
        assert.equal(LabelSelector.parse(selector.toString()).toString(), selector.toString());
      } catch (error) {
        assert.ok(error instanceof LabelSelectorError);
      }
    }),
    { numRuns: 1000 },
  );
});

describe('selectors of objects', () => {
  test('absent selects nothing, empty everything', () => {
    assert.equal(LabelSelector.fromObject(undefined).isNothing, true);
    assert.equal(LabelSelector.fromObject(null).isNothing, true);
    assert.equal(LabelSelector.fromObject({}).isEmpty, true);
    assert.equal(LabelSelector.fromLabels(undefined).isEmpty, true);
  });

  test('prints as columns show it', () => {
    assert.equal(formatLabelSelector(undefined), '<none>');
    assert.equal(formatLabelSelector({ matchLabels: { b: '1', a: '2' } }), 'a=2,b=1');
    assert.equal(
      formatLabelSelector({
        matchLabels: { app: 'x' },
        matchExpressions: [
          { key: 'tier', operator: 'NotIn', values: ['b', 'a'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      }),
      'app=x,!old,tier notin (a,b)',
    );
    assert.equal(formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), '<error>');
  });

  test('refuses with upstream’s words', () => {
    assert.throws(() => LabelSelector.fromObject({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), {
      message: '"Near" is not a valid label selector operator',
    });
    assert.throws(() => LabelSelector.fromObject({ matchExpressions: [{ key: 'a', operator: 'In' }] }), {
      message: "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    });
    assert.throws(
      () => LabelSelector.fromObject({ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }),
      { message: 'values: Invalid value: ["b"]: values set must be empty for exists and does not exist' },
    );
    assert.throws(() => LabelSelector.parse('a>1').toObject(), {
      message: '"gt" isn\'t supported in label selectors',
    });
  });
});

test('knows the one value a label must have', () => {
  assert.equal(LabelSelector.parse('a=1').requiredValue('a'), '1');
  assert.equal(LabelSelector.parse('a in (1)').requiredValue('a'), '1');
  for (const text of ['a in (1,2)', 'a!=1', 'a', 'b=1']) {
    assert.equal(LabelSelector.parse(text).requiredValue('a'), undefined);
  }
});
