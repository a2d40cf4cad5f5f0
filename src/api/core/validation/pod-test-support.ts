/** For the tests of Pods: the smallest valid Pod, with what a test adds. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pods } from '../pods.ts';
import { createErrors } from './test-support.ts';

export const container = { name: 'c', image: 'i' };

export function podWith(spec: object, metadata: object = {}): object {
  return {
    metadata: { name: 'p', namespace: 'default', ...metadata },
    spec: { serviceAccountName: 'default', containers: [container], ...spec },
  };
}

export function specErrors(spec: object, metadata: object = {}): string[] {
  return createErrors(pods, podWith(spec, metadata));
}

/** Errors of the one container, without the start of their paths. */
export function containerErrors(fields: object, spec: object = {}): string[] {
  return specErrors({ ...spec, containers: [{ ...container, ...fields }] }).map((text) =>
    text.startsWith('spec.containers[0].') ? text.slice('spec.containers[0].'.length) : text,
  );
}

/** What is sent, and the errors that come back: none for what is valid. */
export type Cases<T> = readonly (readonly [name: string, sent: T, errors: readonly string[]])[];

export async function check<T>(t: TestContext, cases: Cases<T>, errorsOf: (sent: T) => string[]): Promise<void> {
  for (const [name, sent, expected] of cases) {
    await t.test(name, () => assert.deepEqual(errorsOf(sent), expected));
  }
}
