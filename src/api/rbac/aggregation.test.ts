import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterRole, PolicyRule } from '../types/rbac.v1.ts';
import { aggregateAll, aggregatedRules } from './aggregation.ts';

const rule = (resource: string): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });
const source = (name: string, label: string, ...rules: PolicyRule[]): ClusterRole => ({
  metadata: { name, labels: { [label]: 'true' } },
  rules,
});
const gathering = (name: string, own: string, ...labels: string[]): ClusterRole => ({
  metadata: { name, labels: { [own]: 'true' } },
  aggregationRule: { clusterRoleSelectors: labels.map((label) => ({ matchLabels: { [label]: 'true' } })) },
  rules: [],
});

describe('aggregated roles', () => {
  test('are none where there is no aggregation rule', () => {
    assert.equal(aggregatedRules(source('s', 'a', rule('pods')), []), undefined);
    assert.deepEqual(aggregatedRules(gathering('g', 'x'), [source('s', 'a', rule('pods'))]), []);
  });

  test('have the rules of those they select, by selector and name, each once', () => {
    const all = [
      source('z', 'a', rule('pods'), rule('secrets')),
      source('y', 'a', rule('secrets'), rule('nodes')),
      source('x', 'b', rule('pods'), rule('events')),
      source('w', 'c', rule('leases')),
    ];
    assert.deepEqual(
      aggregatedRules(gathering('g', 'a', 'b', 'a'), all)?.map(({ resources }) => resources?.[0]),
      ['pods', 'events', 'secrets', 'nodes'],
    );
  });

  test('see each other as they become, and settle in circles', () => {
    const roles = [gathering('x', 'b', 'a'), gathering('y', 'a', 'b'), source('s', 'a', rule('pods'))];
    const changed = aggregateAll(roles).map(({ metadata, rules }) => [metadata.name, rules?.length]);
    assert.deepEqual(changed.sort(), [
      ['x', 1],
      ['y', 1],
    ]);
  });

  test('that are right are not named', () => {
    const right = { ...gathering('g', 'x', 'a'), rules: [rule('pods')] };
    assert.deepEqual(aggregateAll([right, source('s', 'a', rule('pods'))]), []);
  });
});
