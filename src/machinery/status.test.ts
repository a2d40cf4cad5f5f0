import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from './field-error.ts';
import * as status from './status.ts';

const pods = { group: '', resource: 'pods' };
const deployments = { group: 'apps', resource: 'deployments' };

test('each error carries upstream’s code, reason, text and details', () => {
  const cases: [status.StatusError, number, string, string, unknown][] = [
    [status.notFound(pods, 'a'), 404, 'NotFound', 'pods "a" not found', { name: 'a', kind: 'pods' }],
    [
      status.alreadyExists(deployments, 'web'),
      409,
      'AlreadyExists',
      'deployments.apps "web" already exists',
      { name: 'web', group: 'apps', kind: 'deployments' },
    ],
    [
      status.generateNameConflict(pods, 'a-x', 1),
      409,
      'AlreadyExists',
      'pods "a-x" already exists, the server was not able to generate a unique name for the object',
      { name: 'a-x', kind: 'pods', retryAfterSeconds: 1 },
    ],
    [
      status.conflict(deployments, 'web', status.objectModified),
      409,
      'Conflict',
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
      { name: 'web', group: 'apps', kind: 'deployments' },
    ],
    [status.forbidden(pods, '', 'no'), 403, 'Forbidden', 'pods is forbidden: no', { kind: 'pods' }],
    [status.forbidden(pods, 'a', 'no'), 403, 'Forbidden', 'pods "a" is forbidden: no', { name: 'a', kind: 'pods' }],
    [status.forbidden({ group: '', resource: '' }, '', 'no'), 403, 'Forbidden', 'forbidden: no', {}],
    [
      status.methodNotSupported(pods, 'patch'),
      405,
      'MethodNotAllowed',
      'patch is not supported on resources of kind "pods"',
      { kind: 'pods' },
    ],
    [
      status.methodNotAllowed(),
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ],
    [
      status.requestEntityTooLarge('limit is 3145728'),
      413,
      'RequestEntityTooLarge',
      'Request entity too large: limit is 3145728',
      undefined,
    ],
    [status.tooManyRequests('later', 2), 429, 'TooManyRequests', 'later', { retryAfterSeconds: 2 }],
    [status.gatewayTimeout('slow'), 504, 'Timeout', 'Timeout: slow', {}],
    [
      status.serverTimeout(pods, 'create', 1),
      500,
      'ServerTimeout',
      'The create operation against pods could not be completed at this time, please try again.',
      { name: 'create', kind: 'pods', retryAfterSeconds: 1 },
    ],
    [
      status.internalError(new Error('lost')),
      500,
      'InternalError',
      'Internal error occurred: lost',
      { causes: [{ message: 'lost' }] },
    ],
    [status.notFound(pods, 'a"b'), 404, 'NotFound', 'pods "a\\"b" not found', { name: 'a"b', kind: 'pods' }],
  ];
  for (const [error, code, reason, message, details] of cases) {
    const wire = error.toStatus();
    assert.deepEqual([wire.code, wire.reason, wire.message, wire.details], [code, reason, message, details]);
    assert.deepEqual([wire.kind, wire.apiVersion, wire.status, wire.metadata], ['Status', 'v1', 'Failure', {}]);
    assert.deepEqual(status.StatusError.fromStatus(wire).toStatus(), wire);
  }
});

test('an invalid object names every field, says the same thing once, and lists each cause', () => {
  const path = root('spec').child('replicas');
  const one = path.invalid(-1, 'must be greater than or equal to 0');
  const deployment = { group: 'apps', kind: 'Deployment' };
  assert.equal(
    status.invalid(deployment, 'web', [one, one]).message,
    'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  );
  const error = status.invalid(deployment, 'web', [one, root('spec').child('selector').required()]);
  assert.equal(
    error.message,
    'Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.selector: Required value]',
  );
  assert.deepEqual(error.toStatus().details, {
    name: 'web',
    group: 'apps',
    kind: 'Deployment',
    causes: [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: -1: must be greater than or equal to 0',
        field: 'spec.replicas',
      },
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' },
    ],
  });
  assert.equal(status.invalid({ group: '', kind: 'Pod' }, '', []).message, 'Pod "" is invalid');
});

test('an expired list carries the token to go on with', () => {
  const wire = status.expired('too old', 'token').toStatus();
  assert.deepEqual(wire.metadata, { continue: 'token' });
  assert.equal(status.StatusError.fromStatus(wire).continueToken, 'token');
});

test('the cause is kept', () => {
  const cause = new Error('disk');
  assert.equal(status.internalError(cause).cause, cause);
  assert.equal(status.badRequest('no', cause).cause, cause);
});
