import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Logger, StreamLogSink, formatLogJSON, formatLogText } from './logging.ts';
import type { LogFields, LoggerOptions } from './logging.ts';

/** 20 November, 16:11:00.123456 where the test runs. */
const timeMs = new Date(2026, 10, 20, 16, 11, 0).getTime() + 123.456;

function makeLogger(options: Partial<LoggerOptions> = {}): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const log = Logger.create({
    component: 'apiserver',
    clock: { now: () => timeMs },
    sink: { write: (line) => lines.push(line) },
    pid: 1234,
    ...options,
  });
  return { log, lines };
}

const head = '1120 16:11:00.123456    1234 apiserver] ';

describe('text', () => {
  test('is klog’s', () => {
    const { log, lines } = makeLogger();
    log.info('Serving securely', { address: '[::]:6443', http2: true, ms: 12.5, count: 3n });
    log.warning('Slow');
    log.error('Write failed', new Error('disk "a" is full'), { key: '/registry/pods' });
    log.error('Gave up', undefined);
    assert.deepEqual(lines, [
      `I${head}"Serving securely" address="[::]:6443" http2=true ms=12.5 count=3\n`,
      `W${head}"Slow"\n`,
      `E${head}"Write failed" err="disk \\"a\\" is full" key="/registry/pods"\n`,
      `E${head}"Gave up"\n`,
    ]);
  });

  test('quotes odd values and sets those of several lines apart', () => {
    const { log, lines } = makeLogger();
    log.info('a\nb', { one: 'tab\t', two: 'x\ny', three: 'x\n', four: { a: [1n] }, five: undefined, six: null });
    log.error('bad', new Error('first\nsecond'), { error: new Error('plain') });
    assert.deepEqual(lines, [
      `I${head}"a\\nb" one="tab\\t" two=<\n\tx\n\ty\n > three=<\n\tx\n > four={"a":["1"]} five=null six=null\n`,
      `E${head}"bad" err=<\n\tfirst\n\tsecond\n > error="plain"\n`,
    ]);
  });
});

describe('JSON', () => {
  test('is one object a line', () => {
    const { log, lines } = makeLogger({ format: formatLogJSON, verbosity: 4 });
    log.info('Serving', { address: 'x\ny', ts: 1 });
    log.v(4)?.info('Detail');
    log.error('Failed', new Error('why'), { count: 1n });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      [
        { ts: timeMs, logger: 'apiserver', msg: 'Serving', v: 0, address: 'x\ny', ts_: 1 },
        { ts: timeMs, logger: 'apiserver', msg: 'Detail', v: 4 },
        { ts: timeMs, logger: 'apiserver', msg: 'Failed', err: 'why', count: '1' },
      ],
    );
  });
});

test('verbosity decides what is written, and may change', () => {
  const { log, lines } = makeLogger({ verbosity: 2 });
  log.v(2)?.info('two');
  log.v(3)?.info('three');
  const child = log.named('store');
  log.verbosity = 3;
  child.v(3)?.info('three again');
  assert.deepEqual(
    lines.map((line) => line.split('    ')[1]),
    ['1234 apiserver] "two"\n', '1234 store] "three again"\n'],
  );
  assert.equal(Logger.silent.v(0), undefined);
});

test('fields of a logger stand in all its records; a record’s own win', () => {
  const { log, lines } = makeLogger();
  log.with({ pod: 'a', try: 1 }).with({ node: 'n' }).info('x', { try: 2 });
  assert.deepEqual(lines, [`I${head}"x" pod="a" try=2 node="n"\n`]);
});

test('nothing that is logged makes it throw', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const hostile = {
    toJSON() {
      throw new Error('no');
    },
    toString() {
      throw new Error('never');
    },
  };
  for (const format of [formatLogText, formatLogJSON]) {
    const { log, lines } = makeLogger({ format });
    log.info('x', { cycle, hostile, symbol: Symbol('s'), fn: () => 1 });
    log.error('x', hostile);
    assert.equal(lines.length, 2);
    if (format === formatLogJSON) for (const line of lines) JSON.parse(line);
  }
  const { log } = makeLogger({
    sink: {
      write() {
        throw new Error('disk full');
      },
    },
  });
  log.info('x');
  const { log: timeless } = makeLogger({
    clock: {
      now() {
        throw new Error('no time');
      },
    },
  });
  timeless.error('x', new Error('y'));
});

test('a text record is one line, but for values of several lines; a JSON record always is', () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.constantFrom('a', 'b'), fc.anything()), (message, fields) => {
      const flat = JSON.stringify([message, fields])?.includes('\\n') !== true;
      for (const format of [formatLogText, formatLogJSON]) {
        const { log, lines } = makeLogger({ format });
        log.info(message, fields as LogFields);
        const breaks = lines[0]?.match(/\n/g)?.length;
        if (format === formatLogJSON || flat) assert.equal(breaks, 1);
        if (format === formatLogJSON) assert.equal((JSON.parse(lines[0] ?? '') as { msg: string }).msg, message);
      }
    }),
  );
});

test('a reader that stops reading costs lines, not memory', () => {
  const written: string[] = [];
  const stream = { writableLength: 0, write: (text: string) => written.push(text) };
  const sink = new StreamLogSink(stream, 100);
  sink.write('a\n');
  stream.writableLength = 101;
  sink.write('b\n');
  sink.write('c\n');
  stream.writableLength = 50;
  sink.write('d\n');
  assert.deepEqual(written, ['a\n', '(2 log records were dropped here: nobody read them)\n', 'd\n']);
});
