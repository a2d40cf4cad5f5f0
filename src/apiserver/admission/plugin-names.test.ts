import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choiceErrors, chosenPlugins } from './plugin-names.ts';

test('plugins run in the order that upstream gives them, whatever the order in which they are named', () => {
  const chosen = chosenPlugins({ enabled: ['AlwaysDeny', 'AlwaysAdmit'], disabled: [] });
  assert.equal(chosen[0], 'AlwaysAdmit');
  assert.equal(chosen.at(-1), 'AlwaysDeny');
  assert.ok(chosen.includes('NamespaceLifecycle'));
});

test('a plugin that is disabled is left out, and so is one that nobody asked for', () => {
  const chosen = chosenPlugins({ enabled: [], disabled: ['NamespaceLifecycle'] });
  assert.ok(!chosen.includes('NamespaceLifecycle'));
  assert.ok(!chosen.includes('AlwaysDeny'));
});

test('a choice that names what is unknown, missing, or both wanted and not, is refused in upstream’s words', () => {
  assert.deepEqual(choiceErrors({ enabled: ['X'], disabled: ['Y'] }), [
    'enable-admission-plugins plugin "X" is unknown',
    'disable-admission-plugins plugin "Y" is unknown',
  ]);
  assert.deepEqual(choiceErrors({ enabled: ['AlwaysDeny'], disabled: ['AlwaysDeny'] }), [
    '[AlwaysDeny] in enable-admission-plugins and disable-admission-plugins overlapped',
  ]);
  assert.deepEqual(choiceErrors({ enabled: ['ImagePolicyWebhook'], disabled: [] }), [
    'enable-admission-plugins plugin "ImagePolicyWebhook" is not implemented yet',
  ]);
  assert.deepEqual(choiceErrors({ enabled: ['AlwaysDeny'], disabled: ['MutatingAdmissionWebhook'] }), []);
});
