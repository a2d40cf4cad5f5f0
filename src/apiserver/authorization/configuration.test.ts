import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAuthorizationConfiguration } from './configuration.ts';

/** A file that is always there. */
const existing = process.execPath;
const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n';
const configuration = (authorizers: unknown): string => `${head}authorizers: ${JSON.stringify(authorizers)}\n`;
const webhook = {
  timeout: '3s',
  subjectAccessReviewVersion: 'v1',
  failurePolicy: 'Deny',
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: existing },
};
const withWebhook = (changes: object): string =>
  configuration([{ type: 'Webhook', name: 'w', webhook: { ...webhook, ...changes } }]);

test('a configuration is read with its defaults', async () => {
  const text = configuration([
    { type: 'Node', name: 'node' },
    {
      type: 'Webhook',
      name: 'a.example.com',
      webhook: {
        ...webhook,
        unauthorizedTTL: '1s',
        cacheAuthorizedRequests: false,
        matchConditionSubjectAccessReviewVersion: 'v1',
        matchConditions: [{ expression: "request.user != 'a'" }],
      },
    },
    { type: 'Webhook', name: 'b', webhook: { ...webhook, failurePolicy: 'NoOpinion' } },
    { type: 'RBAC', name: 'rbac' },
  ]);
  const common = { kubeConfigFile: existing, version: 'v1', timeoutMs: 3000 };
  assert.deepEqual(await parseAuthorizationConfiguration(text), [
    { type: 'Node', name: 'node' },
    {
      type: 'Webhook',
      name: 'a.example.com',
      webhook: {
        ...common,
        name: 'a.example.com',
        authorizedTtlMs: undefined,
        unauthorizedTtlMs: 1000,
        failurePolicy: 'Deny',
        matchConditions: ["request.user != 'a'"],
      },
    },
    {
      type: 'Webhook',
      name: 'b',
      webhook: {
        ...common,
        name: 'b',
        authorizedTtlMs: 300_000,
        unauthorizedTtlMs: 30_000,
        failurePolicy: 'NoOpinion',
        matchConditions: [],
      },
    },
    { type: 'RBAC', name: 'rbac' },
  ]);
});

describe('a configuration is refused', () => {
  const rbac = { type: 'RBAC', name: 'rbac' };
  const table: readonly [text: string, problem: RegExp | string][] = [
    ['[]', 'it is no object'],
    ['apiVersion: v1\nkind: Pod\n', /no kind "Pod" is registered for version "v1"/],
    [`${head}authorizrs: []\n`, /strict decoding error: unknown field "authorizrs"/],
    [configuration([]), 'authorizers: Required value: at least one authorization mode must be defined'],
    [configuration([{ name: 'a' }]), 'authorizers[0].type: Required value'],
    [
      configuration([{ type: 'ABAC', name: 'a' }]),
      'authorizers[0].type: Unsupported value: "ABAC": supported values: "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"',
    ],
    [configuration([rbac, { type: 'RBAC', name: 'b' }]), 'authorizers[1].type: Duplicate value: "RBAC"'],
    [configuration([rbac, { type: 'Node', name: 'rbac' }]), 'authorizers[1].name: Duplicate value: "rbac"'],
    [configuration([{ type: 'RBAC' }]), 'authorizers[0].name: Required value'],
    [
      configuration([{ type: 'RBAC', name: 'A_' }]),
      /authorizers\[0\]\.name: Invalid value: "A_": authorizer name is invalid: /,
    ],
    [
      configuration([{ ...rbac, webhook }]),
      'authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook',
    ],
    [
      configuration([{ type: 'Webhook', name: 'w' }]),
      'authorizers[0].webhook: Required value: required when type=Webhook',
    ],
    [withWebhook({ timeout: '31s' }), /\.timeout: Invalid value: "31s": must be > 0s and <= 30s/],
    [withWebhook({ timeout: '0s' }), 'authorizers[0].timeout: Required value'],
    [withWebhook({ authorizedTTL: '-1s' }), /\.authorizedTTL: Invalid value: "-1s": must be > 0s/],
    [withWebhook({ subjectAccessReviewVersion: 'v2' }), /Unsupported value: "v2": supported values: "v1", "v1beta1"/],
    [
      withWebhook({ failurePolicy: 'Allow' }),
      /Unsupported value: "Allow": supported values: "NoOpinion", "Deny"|"Deny", "NoOpinion"/,
    ],
    [
      withWebhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'relative' } }),
      /kubeConfigFile: Invalid value: "relative": must be an absolute path/,
    ],
    [
      withWebhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/' } }),
      /kubeConfigFile: Invalid value: "\/": must be a regular file/,
    ],
    [
      withWebhook({ connectionInfo: { type: 'InClusterConfig' } }),
      /Invalid value: "InClusterConfig": is not implemented yet/,
    ],
    [
      withWebhook({ matchConditions: [{ expression: 'true' }] }),
      /matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified/,
    ],
    [
      withWebhook({
        matchConditionSubjectAccessReviewVersion: 'v1',
        matchConditions: [
          { expression: 'true' },
          { expression: 'true' },
          { expression: ' ' },
          { expression: 'request.x' },
        ],
      }),
      /matchConditions\[1\]\.expression: Duplicate value: "true", .*\[2\]\.expression: Required value, .*\[3\]\.expression: Invalid value: "request\.x": compilation failed/,
    ],
    [
      withWebhook({
        matchConditionSubjectAccessReviewVersion: 'v1',
        matchConditions: Array.from({ length: 65 }, (_, index) => ({ expression: `request.user == '${index}'` })),
      }),
      /matchConditions: Too many: 65: must have at most 64 items/,
    ],
  ];
  for (const [text, problem] of table) {
    test(String(problem), async () => {
      await assert.rejects(parseAuthorizationConfiguration(text), (error: Error) => {
        if (typeof problem === 'string') assert.equal(error.message, problem);
        else assert.match(error.message, problem);
        return true;
      });
    });
  }
});
