import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from '../../../machinery/field-error.ts';
import { podtemplates } from '../podtemplates.ts';
import { replicationcontrollers } from '../replicationcontrollers.ts';
import { validatePodTemplateSpec } from './pod-template.ts';
import { check, container, type Cases } from './pod-test-support.ts';
import { createErrors, updateErrors, viewErrors } from './test-support.ts';

const metadata = { name: 'a', namespace: 'default' };

test('a template is checked as a Pod is', () => {
  assert.deepEqual(createErrors(podtemplates, { metadata, template: { spec: { containers: [container] } } }), []);
  const template = {
    metadata: { labels: { '-': 'b' }, annotations: { '-': 'x' } },
    spec: { containers: [{ name: 'c' }] },
  };
  const [label = '', annotation = '', ...rest] = createErrors(podtemplates, { metadata, template });
  assert.ok(label.startsWith('template.labels: Invalid value: "-": name part must consist of'));
  assert.ok(annotation.startsWith('template.annotations: Invalid value: "-": name part must consist of'));
  assert.deepEqual(rest, ['template.spec.containers[0].image: Required value']);
});

test('a template is not yet a Pod', () => {
  const errorsOf = (spec: object): string[] =>
    createErrors(podtemplates, { metadata, template: { spec: { containers: [container], ...spec } } });
  assert.deepEqual(errorsOf({ containers: [{ ...container, image: ' i' }] }), []);
  assert.deepEqual(errorsOf({ volumes: [{ name: 'v', image: {} }] }), []);
  assert.deepEqual(errorsOf({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 1 }] }] }), []);
  assert.deepEqual(errorsOf({ ephemeralContainers: [{ name: 'e', image: 'i' }] }), [
    'template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
  ]);
});

test('a template of old may keep what it has', () => {
  const template = { spec: { containers: [container], tolerations: [{ key: 'a', operator: 'Gt', value: '1' }] } };
  assert.deepEqual(updateErrors(podtemplates, { metadata, template }, { metadata, template }), []);
  assert.equal(createErrors(podtemplates, { metadata, template }).length, 1);
});

test('a template that is missing is one without anything', () => {
  assert.deepEqual(validatePodTemplateSpec(undefined, root('spec').child('template')).map(String), [
    'spec.template.spec.terminationGracePeriodSeconds: Required value',
    'spec.template.spec.containers: Required value',
    'spec.template.spec.restartPolicy: Required value',
    'spec.template.spec.dnsPolicy: Required value',
  ]);
});

test('a ReplicationController', async (t) => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
  const cases: Cases<object> = [
    ['of a template', { template }, []],
    ['of none', { selector: { a: 'b' } }, ['spec.template: Required value']],
    ['without a selector', { template: { spec: { containers: [container] } } }, ['spec.selector: Required value']],
    [
      'of another template',
      { selector: { a: 'c' }, template },
      ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
    ],
    [
      'of less than none',
      { replicas: -1, minReadySeconds: -1, template },
      [
        'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'of Pods that end',
      {
        template: { ...template, spec: { containers: [container], restartPolicy: 'Never', activeDeadlineSeconds: 1 } },
      },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
      ],
    ],
  ];
  await check(t, cases, (spec) => createErrors(replicationcontrollers, { metadata, spec }));
  const status = { replicas: 1, readyReplicas: 2, availableReplicas: 3, observedGeneration: -1 };
  assert.deepEqual(
    viewErrors(
      replicationcontrollers,
      'status',
      { metadata, spec: { template }, status },
      { metadata, spec: { template } },
    ),
    [
      'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ],
  );
});
