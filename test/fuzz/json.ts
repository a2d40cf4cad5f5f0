import type { Chooser } from './choose.ts';

const strings = [
  '',
  'a',
  'true',
  'null',
  '0',
  '-1',
  '1Gi',
  '1e99',
  '5%',
  'Always',
  'v1',
  'Pod',
  'default',
  'x'.repeat(300),
  'A_',
  '..',
  '/',
  '.',
  '\u0000',
  '\n',
  '"',
  '\\',
  '\ud800',
  'é',
  '😀',
  '__proto__',
  'constructor',
  '2026-01-02T15:04:05Z',
  '0001-01-01T00:00:00Z',
  '99999-99-99T99:99:99Z',
  '192.0.2.1',
  '::1',
  '10.0.0.0/8',
  'aGVsbG8=',
  'a=b',
  '* * * * *',
  '$(X)',
  '{{.}}',
  '${jndi}',
  '1s',
  '9223372036854775808',
];
const numbers = [0, -0, 1, -1, 1.5, 1e21, 1e-7, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 65535, 65536];
/** As text, because no JavaScript number holds them. */
const numberTexts = [
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1e400',
  '0.1e-400',
  '00',
  '1.',
  '-',
  '+1',
  '0x10',
  'NaN',
  'Infinity',
];
const keys = [
  'a',
  '',
  'name',
  'namespace',
  'metadata',
  'spec',
  'status',
  'kind',
  'apiVersion',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'containers',
  'items',
  'data',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'é',
  '0',
  'a/b',
  'a~b',
];

export function randomString(choose: Chooser): string {
  if (choose.chance(0.7)) return choose.pick(strings);
  return choose.bytes(20).toString(choose.pick(['latin1', 'utf8', 'utf16le']));
}

export function randomKey(choose: Chooser): string {
  return choose.chance(0.9) ? choose.pick(keys) : randomString(choose);
}

/** Any JSON value. */
export function randomValue(choose: Chooser, depth = 5): unknown {
  const kind = choose.int(depth > 0 ? 10 : 6);
  if (kind < 2) return randomString(choose);
  if (kind < 3) return choose.pick(numbers);
  if (kind < 4) return choose.chance(0.5);
  if (kind < 5) return null;
  if (kind < 6) return choose.int(1000) - 500;
  if (kind < 8) return choose.times(4, () => randomValue(choose, depth - 1));
  // Made of entries, so that `__proto__` is a name like any other.
  return Object.fromEntries(choose.times(5, () => [randomKey(choose), randomValue(choose, depth - 1)]));
}

type Container = Record<string, unknown> | unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function containersOf(value: unknown, found: Container[] = []): Container[] {
  if (!isContainer(value)) return found;
  found.push(value);
  for (const inner of Object.values(value)) containersOf(inner, found);
  return found;
}

/** Changes a few places of a value: fields go, come, change their type, or move. The value itself is changed. */
export function mutate(choose: Chooser, value: unknown): void {
  const containers = containersOf(value);
  if (containers.length === 0) return;
  for (let i = choose.int(3) + 1; i > 0; i--) {
    const target = choose.pick(containers) as Record<string, unknown>;
    const names = Object.keys(target);
    const name = names.length === 0 || choose.chance(0.2) ? randomKey(choose) : choose.pick(names);
    if (Array.isArray(target)) mutateList(choose, target);
    else if (choose.chance(0.3)) delete target[name];
    else {
      const replacement = choose.chance(0.15) ? structuredClone(choose.pick(containers)) : randomValue(choose, 3);
      Object.defineProperty(target, name, { value: replacement, enumerable: true, configurable: true, writable: true });
    }
  }
}

function mutateList(choose: Chooser, list: unknown[]): void {
  if (list.length === 0) list.push(randomValue(choose, 3));
  else {
    const at = choose.int(list.length);
    choose.pick([
      () => list.push(randomValue(choose, 3)),
      () => list.pop(),
      () => list.push(structuredClone(list[at])),
      () => (list[at] = randomValue(choose, 3)),
    ])();
  }
}

/** JSON text, sometimes with what a serializer would never write: duplicate names, odd numbers, cut ends, stray bytes. */
export function textOf(choose: Chooser, value: unknown): Buffer {
  let text = JSON.stringify(value) ?? '';
  if (choose.chance(0.1))
    text = text.replace(/"(\w+)":/, (all) => `${all}${choose.pick(['1', '{}', '"x"', 'null'])},${all}`);
  if (choose.chance(0.1)) text = text.replace(/:-?\d+/, () => `:${choose.pick(numberTexts)}`);
  if (choose.chance(0.03)) text = text.slice(0, choose.int(text.length + 1));
  if (choose.chance(0.01)) text = '['.repeat(choose.int(20_000)) + text;
  if (choose.chance(0.01)) text = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`;
  const bytes = Buffer.from(text, choose.chance(0.02) ? 'latin1' : 'utf8');
  if (bytes.length > 0 && choose.chance(0.05)) bytes[choose.int(bytes.length)] = choose.int(256);
  return bytes;
}
