// Rules of custom resources and policies: how long one takes to be compiled, and to be evaluated.
import { compile } from '../src/machinery/cel/compile.ts';
import type { CelSchema } from '../src/machinery/cel/schema-types.ts';
import { schemaTypes } from '../src/machinery/cel/schema-types.ts';
import type { Benchmark } from './contract.ts';

const schema: CelSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        containers: {
          type: 'array',
          maxItems: 100,
          items: { type: 'object', properties: { name: { type: 'string', maxLength: 63 }, image: { type: 'string' } } },
        },
      },
    },
    metadata: { type: 'object', properties: { name: { type: 'string' } } },
  },
};
const containers = Array.from({ length: 20 }, (_, i) => ({ name: `c${i}`, image: `registry.example.com/app:${i}` }));
const self = { metadata: { name: 'abc' }, spec: { replicas: 3, containers } };

const rules = [
  ['two comparisons', "self.spec.replicas <= 5 && self.metadata.name.startsWith('a')"],
  ['a pattern', "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"],
  ['20 items', "self.spec.containers.all(c, c.image.startsWith('registry.example.com/') && c.name.size() < 10)"],
  ['20 × 20 items', 'self.spec.containers.all(a, self.spec.containers.exists_one(b, a.name == b.name))'],
] as const;

/** Microseconds per call; the first round only warms up. */
function microsecondsOf(count: number, call: () => void): number {
  for (let i = 0; i < count; i++) call();
  const startMs = performance.now();
  for (let i = 0; i < count; i++) call();
  return ((performance.now() - startMs) * 1000) / count;
}

export const benchmark: Benchmark = {
  name: 'cel',
  run(report, { isQuick }) {
    const { roots, provider, estimateSize } = schemaTypes({ self: { schema, typeName: 'selfType' } });
    const type = roots.get('self')?.type;
    if (type === undefined) throw new Error('the schema has no type');
    const options = { variables: { self: type }, types: provider, estimateSize };
    for (const [name, rule] of rules) {
      const compiled = compile(rule, options);
      if (!compiled.ok) throw new Error(compiled.error.message);
      const { program } = compiled;
      const result = program.evaluate({ self });
      if (!result.ok || result.value !== true) throw new Error(`${rule} does not hold`);
      const count = isQuick ? 100 : Math.ceil(5_000_000 / (result.cost + 10));
      report(
        `a rule with ${name}: compile`,
        microsecondsOf(isQuick ? 100 : 5000, () => compile(rule, options)),
        'µs',
      );
      report(
        `a rule with ${name}: evaluate`,
        microsecondsOf(count, () => program.evaluate({ self })),
        'µs',
      );
      report(`a rule with ${name}: cost`, result.cost, '');
    }
    return Promise.resolve();
  },
};
