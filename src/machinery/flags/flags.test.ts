import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { CIDR } from '../cidr.ts';
import { flag, FlagError, parseFlags, section } from './flag-set.ts';
import type { FlagSet, ParsedFlags } from './flag-set.ts';
import * as types from './flag-types.ts';
import { FlagValueError } from './flag-types.ts';
import { helpText } from './help.ts';
import { editDistance, nearest } from './nearest.ts';

const flags = {
  ...section('Serving', {
    'secure-port': flag(types.integer({ min: 0, max: 65535 }), 6443, 'The port.'),
    'bind-address': flag(types.address, '0.0.0.0', 'The `ip` to listen on.'),
    'cert-dir': flag(types.text, '', 'Where certificates are.'),
    'client-ca-file': flag(types.optionalText, undefined, 'Whom to believe.'),
  }),
  ...section('Global', {
    v: flag(types.integer({ min: 0, max: 10 }), 0, 'number for the log level verbosity', 'v'),
    'anonymous-auth': flag(types.boolean, false, 'Whether to.'),
    'request-timeout': flag(types.durationMs({ minMs: 1 }), 60_000, 'How long.'),
    modes: flag(types.choices(['A', 'B']), ['A'], 'Which.'),
  }),
};
const set: FlagSet<typeof flags> = {
  program: 'kube-test',
  flags,
  unimplemented: {
    profiling: { isBoolean: true, harmless: ['false'] },
    'etcd-servers': { isBoolean: false, harmless: [] },
    'storage-backend': { isBoolean: false, harmless: ['etcd3'] },
  },
};
const parse = (...args: string[]): ParsedFlags<typeof flags> => parseFlags(set, args);
const refusal = (...args: string[]): string => {
  try {
    parse(...args);
  } catch (error) {
    assert.ok(error instanceof FlagError);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${args.join(' ')} was accepted` });
};

describe('the grammar', () => {
  test('takes values after a space and after an equals sign, and switches bare', () => {
    const { values, given } = parse(
      '--secure-port',
      '1',
      '--bind-address=::1',
      '--anonymous-auth',
      '-v',
      '4',
      '--cert-dir=',
    );
    assert.equal(values['secure-port'], 1);
    assert.equal(values['bind-address'], '::1');
    assert.equal(values['anonymous-auth'], true);
    assert.equal(values.v, 4);
    assert.equal(values['cert-dir'], '');
    assert.equal(values['request-timeout'], 60_000);
    assert.deepEqual([...given], ['secure-port', 'bind-address', 'anonymous-auth', 'v', 'cert-dir']);
  });

  test('takes every form of a short flag', () => {
    for (const args of [['-v4'], ['-v=4'], ['-v', '4'], ['--v=4'], ['--v', '4']])
      assert.equal(parse(...args).values.v, 4);
  });

  test('a value may look like a flag; a switch takes none after a space', () => {
    assert.equal(parse('--cert-dir', '--x').values['cert-dir'], '--x');
    assert.equal(parse('--anonymous-auth=f').values['anonymous-auth'], false);
    assert.match(refusal('--anonymous-auth', 'false'), /"kube-test" does not take any arguments, got \["false"\]/);
  });

  test('lists grow; of other flags the last counts, and a different one before it is mentioned', () => {
    assert.deepEqual(parse('--modes=A,B', '--modes', 'B').values.modes, ['A', 'B', 'B']);
    const { values, warnings } = parse('--secure-port=1', '--secure-port=2');
    assert.equal(values['secure-port'], 2);
    assert.match(warnings.join(), /--secure-port was given several times: "2" counts, "1" does not/);
    assert.deepEqual(parse('--secure-port=1', '--secure-port=1').warnings, []);
  });

  test('underscores become dashes, with a warning', () => {
    const { values, warnings } = parse('--secure_port=7');
    assert.equal(values['secure-port'], 7);
    assert.match(warnings.join(), /secure_port has been converted to secure-port/);
  });

  test('--help wins over all that is right', () => {
    assert.equal(parse('--secure-port=1', '-h').help, true);
    assert.equal(parse('--help').help, true);
    assert.equal(parse().help, false);
  });

  test('words among the flags are kept where a program takes them', () => {
    const withWords = { ...set, takesArguments: true };
    const { args, values } = parseFlags(withWords, ['pods', '-v', '4', 'web', '-', '--cert-dir=x', '--', '-v', '--']);
    assert.deepEqual(args, ['pods', 'web', '-', '-v', '--']);
    assert.equal(values.v, 4);
    assert.deepEqual(parse('-v4').args, []);
  });

  test('two dashes end the flags', () => {
    assert.equal(parse('-v4', '--').values.v, 4);
    assert.match(refusal('--', '-v4'), /got \["-v4"\]/);
  });
});

describe('a refusal', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--secure-prot=1'], 'unknown flag: --secure-prot (did you mean --secure-port?)'],
    [['--etcd-server=x'], 'unknown flag: --etcd-server (did you mean --etcd-servers?)'],
    [['--zzz'], 'unknown flag: --zzz'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-secure-port=1'], "unknown shorthand flag: 's' in -secure-port=1 (did you mean --secure-port?)"],
    [['--=1'], 'bad flag syntax: --=1'],
    [['---v'], 'bad flag syntax: ---v'],
    [['--cert-dir'], 'flag needs an argument: --cert-dir'],
    [['-v'], 'flag needs an argument: -v'],
    [['--secure-port=x'], 'invalid argument "x" for --secure-port: must be a whole number from 0 to 65535'],
    [['--modes=A,C'], 'invalid argument "A,C" for --modes: must be one of A, B'],
    [['a', 'b'], '"kube-test" does not take any arguments, got ["a" "b"]'],
    [['--etcd-servers=https://x'], '--etcd-servers=https://x is not implemented yet'],
    [['--profiling'], '--profiling=true is not implemented yet; it can only be --profiling=false'],
    [
      ['--storage-backend', 'etcd2'],
      '--storage-backend=etcd2 is not implemented yet; it can only be --storage-backend=etcd3',
    ],
  ];
  for (const [args, message] of cases) test(args.join(' '), () => assert.equal(refusal(...args), message));

  test('does not come for an unimplemented flag that asks for nothing', () => {
    assert.deepEqual([...parse('--profiling=false', '--storage-backend', 'etcd3').given], []);
  });
});

describe('types', () => {
  const accepted: readonly (readonly [{ parse(text: string): unknown }, string, unknown])[] = [
    [types.integer({ min: -1, max: 5 }), '-1', -1],
    [types.decimal({ min: 0, max: 1 }), '.5', 0.5],
    [types.durationMs({ minMs: 0 }), '1m0.5s', 60_500],
    [types.list, '', []],
    [types.list, 'a,"b,c",', ['a', 'b,c', '']],
    [types.choice(['json', 'text']), 'json', 'json'],
    [types.address, '2001:db8::1', '2001:db8::1'],
    [types.optionalAddress, '', undefined],
    [types.portRange, '30000-32767', { first: 30000, last: 32767 }],
    [types.portRange, '30000+2767', { first: 30000, last: 32767 }],
    [types.portRange, '65000+9999', { first: 65000, last: 65535 }],
    [types.portRange, '80', { first: 80, last: 80 }],
    [types.networks, '10.97.0.0/12,fd00::/64', [CIDR.parse('10.96.0.0/12'), CIDR.parse('fd00::/64')]],
  ];
  for (const [type, text, value] of accepted) {
    test(`take ${JSON.stringify(text)}`, () => assert.deepEqual(type.parse(text), value));
  }

  const refused: readonly (readonly [{ parse(text: string): unknown }, readonly string[], RegExp])[] = [
    [
      types.integer({ min: 0, max: 5 }),
      ['', '6', '-1', '1.5', '0x1', '1e1', ' 1'],
      /must be a whole number from 0 to 5/,
    ],
    [types.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), ['0', '9'.repeat(20)], /of 1 or more/],
    [types.decimal({ min: 0, max: 1 }), ['', 'x', '1.1', 'Infinity', 'NaN'], /must be a number from 0 to 1/],
    [types.durationMs({ minMs: 1000 }), ['', '5', '1d', 'x'], /must be a duration such as/],
    [types.durationMs({ minMs: 1000 }), ['0', '-5s', '999ms'], /must be a duration of 1s or more/],
    [types.boolean, ['', 'yes', 'TRue'], /must be true or false/],
    [types.list, ['a,"b'], /must be a list/],
    [types.choice(['json', 'text']), ['', 'xml', 'JSON'], /must be one of json, text/],
    [types.address, ['', 'x', '1.2.3', '1.2.3.4/8'], /must be an IP address/],
    [types.portRange, ['', '-', '2-1', '1-65536', '65536', 'a-b', '1-2-3'], /must be a range of ports/],
    [types.networks, ['', '10.0.0.0', '010.0.0.0/8', '10.0.0.0/8,10.1.0.0/16', '10.0.0.0/8,'], /must be a network/],
  ];
  for (const [type, texts, pattern] of refused) {
    for (const text of texts) {
      test(`refuse ${JSON.stringify(text)}: ${pattern.source}`, () => {
        assert.throws(
          () => type.parse(text),
          (error) => error instanceof FlagValueError && pattern.test(error.message),
        );
      });
    }
  }

  test('print what they would read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (ms) => {
        const type = types.durationMs({ minMs: 0 });
        assert.equal(type.parse(type.print(ms)), ms);
      }),
    );
  });
});

test('any command line is answered or refused', () => {
  const word = fc.oneof(
    fc.constantFrom('--secure-port', '--v', '-v', '--', '-', '=', '--modes=A', '--profiling', '--help', '1', 'true'),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      try {
        parse(...args);
      } catch (error) {
        assert.ok(error instanceof FlagError, String(error));
      }
    }),
  );
});

test('the nearest name is the one with the fewest slips, and none is better than a wild guess', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('prot', 'port'), 1);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(nearest('apisrever', ['apiserver', 'scheduler']), 'apiserver');
  assert.equal(nearest('xyzzy', ['apiserver', 'version']), undefined);
  assert.equal(nearest('x'.repeat(1e6), ['x']), undefined);
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
    }),
  );
});

test('help names every flag, its value and its default, by section', () => {
  const help = helpText(set, { description: 'Does nothing. '.repeat(8).trim(), usage: 'kube-test [flags]' }, 70);
  assert.equal(
    help,
    `Does nothing. Does nothing. Does nothing. Does nothing. Does nothing.
Does nothing. Does nothing. Does nothing.

Usage:
  kube-test [flags]

Serving flags:

      --bind-address ip
                The ip to listen on. (default 0.0.0.0)
      --cert-dir string
                Where certificates are.
      --client-ca-file string
                Whom to believe.
      --secure-port int
                The port. (default 6443)

Global flags:

      --anonymous-auth
                Whether to.
  -h, --help
                help for kube-test
      --modes strings
                Which. (default [A])
      --request-timeout duration
                How long. (default 1m0s)
  -v, --v int
                number for the log level verbosity
`,
  );
});
