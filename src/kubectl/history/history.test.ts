import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { HistoryItem, ObjectHistory } from '../../api/history.ts';
import type { ApiRequest, Transport } from '../../client/contract.ts';
import { RestClient } from '../../client/rest.ts';
import { FlagError } from '../../machinery/flags/flag-set.ts';
import { UsageError } from '../errors.ts';
import { parseHistoryArguments } from './arguments.ts';
import { historyText } from './layout.ts';
import { checkKeepsHistory, readHistory } from './read-history.ts';

const nowMs = Date.parse('2026-01-02T15:04:05Z');

function item(revision: number, fields: Partial<HistoryItem> = {}): HistoryItem {
  const provenance = { user: 'jane', userAgent: 'kubectl/v1.36.0 (linux/amd64)', verb: 'patch', requestId: 'r' };
  return {
    revision: String(revision),
    time: '2026-01-02T15:01:55.500000Z',
    type: 'changed',
    provenance,
    changes: [],
    ...fields,
  };
}

function history(items: readonly HistoryItem[], next?: string): ObjectHistory {
  return {
    kind: 'ObjectHistory',
    apiVersion: 'history.kubets.dev/v1',
    metadata: { name: 'web', ...(next === undefined ? {} : { continue: next }) },
    oldestRevision: '3',
    items,
  };
}

describe('the command line', () => {
  const parse = (...args: string[]): unknown => {
    const parsed = parseHistoryArguments(args, 80);
    return typeof parsed === 'string' ? 'help' : [parsed.kind, parsed.name, parsed.values.at, parsed.values.output];
  };

  test('names a kind and an object, apart or with a slash', () => {
    assert.deepEqual(parse('pod', 'web'), ['pod', 'web', undefined, '']);
    assert.deepEqual(parse('deploy/web', '-o', 'json'), ['deploy', 'web', undefined, 'json']);
    assert.deepEqual(parse('--at', '10m', 'pods'), ['pods', undefined, '10m', '']);
    assert.deepEqual(parse('pods', '--at=5', '-A', '-l', 'a=b', '-owide'), ['pods', undefined, '5', 'wide']);
    assert.equal(parse('-h'), 'help');
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /give a kind and a name: kubets history KIND NAME/],
    [['pod', 'a', 'b'], /give a kind and a name/],
    [['pod/'], /give a kind and a name/],
    [['/a'], /give a kind and a name/],
    [['pod'], /or with --at the moment/],
    [['pod', 'a', '-o', 'wide'], /-o wide is for whole kinds/],
    [['pod', 'a', '-A'], /are for whole kinds/],
    [['pod', 'a', '--at=1m', '-l', 'x'], /are for whole kinds/],
    [['pod', '--at=1m', '-A', '-n', 'x'], /not both/],
    [['pod', 'a', '--limit=-1'], /invalid argument "-1" for --limit/],
    [['pod', 'a', '--outputs=x'], /unknown flag: --outputs \(did you mean --output\?\)/],
  ];
  for (const [args, pattern] of refused) {
    test(`refuses ${args.join(' ')}`, () => {
      assert.throws(
        () => parseHistoryArguments(args, 80),
        (error) => (error instanceof UsageError || error instanceof FlagError) && pattern.test(error.message),
      );
    });
  }
});

describe('the layout', () => {
  test('one heading a revision, one line a field', () => {
    const items = [
      item(9, { type: 'deleted', time: '2026-01-02T15:04:04Z' }),
      item(7, {
        provenance: {
          user: 'system:serviceaccount:a:b',
          userAgent: '',
          verb: 'update status',
          requestId: 'r',
          causeRevision: 6,
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        },
        changes: [
          { path: 'spec.replicas', from: 1, to: 3 },
          { path: 'spec.paused', to: true },
          { path: 'metadata.labels.a', from: 'b\u001b[31m' },
          { path: 'data.long', from: '', to: 'x'.repeat(1000) },
        ],
      }),
      { revision: '5', time: '2026-01-02T15:01:55Z', type: 'created', changes: [] } as const,
    ];
    assert.equal(
      historyText(history(items), nowMs),
      `1s ago   2026-01-02T15:04:04Z   revision 9   deleted by jane with kubectl/v1.36.0 (patch)

2m9s ago   2026-01-02T15:01:55Z   revision 7   changed by system:serviceaccount:a:b (update status)
  caused by revision 6
  trace 4bf92f3577b34da6a3ce929d0e0e4736
  spec.replicas: 1 → 3
  spec.paused: (none) → true
  metadata.labels.a: "b\\u001b[31m" → (none)
  data.long: "" → "${'x'.repeat(159)}…

2m10s ago   2026-01-02T15:01:55Z   revision 5   created
`,
    );
  });

  test('says where history ends, when it ends there', () => {
    const text = historyText(history([item(7)]), nowMs);
    assert.match(text, /\n {2}what it changed is no longer known: history is kept from revision 3\n$/);
    assert.doesNotMatch(historyText(history([item(7)], '7'), nowMs), /no longer known/);
  });
});

describe('reading', () => {
  function clientOf(answer: (url: URL) => unknown): RestClient {
    const transport: Transport = {
      send: ({ path }: ApiRequest) =>
        Promise.resolve({
          status: 200,
          header: () => [],
          body: Readable.from([Buffer.from(JSON.stringify(answer(new URL(path, 'http://h'))))]),
        }),
      close: () => {},
    };
    return new RestClient(transport, { userAgent: 'test' });
  }

  /** A server with so many revisions of an object, the newest having the highest number. */
  const server = (revisions: number, asked: string[] = []): RestClient =>
    clientOf(({ searchParams }) => {
      const limit = Number(searchParams.get('limit'));
      const before = Number(searchParams.get('continue') ?? revisions + 1);
      asked.push(searchParams.toString());
      const items = Array.from({ length: Math.min(limit, before - 1) }, (_, i) => item(before - 1 - i));
      const last = before - items.length;
      return history(items, last > 1 ? String(last) : undefined);
    });

  test('goes on page by page, for as many as are wanted', async () => {
    const revisions = ({ items }: ObjectHistory): number[] => items.map(({ revision }) => Number(revision));
    const all = await readHistory(server(1203), '/x', 0);
    assert.deepEqual(
      revisions(all),
      Array.from({ length: 1203 }, (_, i) => 1203 - i),
    );
    assert.equal(all.metadata.continue, undefined);
    const asked: string[] = [];
    const some = await readHistory(server(1203, asked), '/x', 600);
    assert.equal(some.items.length, 600);
    assert.equal(some.metadata.continue, '604');
    assert.deepEqual(asked, ['history=true&limit=500', 'history=true&limit=100&continue=704']);
  });

  test('from a server that keeps none says so', async () => {
    const other = clientOf(({ pathname }) =>
      pathname === '/version' ? { gitVersion: 'v1.36.0' } : { kind: 'Pod', metadata: { name: 'web' } },
    );
    await assert.rejects(readHistory(other, '/x', 0), /the server keeps no history/);
    await assert.rejects(checkKeepsHistory(other), /the server keeps no history/);
    await checkKeepsHistory(clientOf(() => ({ gitVersion: 'v1.37.2+kubets' })));
  });
});
