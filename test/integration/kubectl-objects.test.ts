// Real kubectls on one object of every built-in resource that is served: each of their commands that takes any kind.
import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { ServedResource } from '../../src/client/discovery.ts';
import { forEachKubectl, linesOf, type KubectlSession } from '../support/kubectl-session.ts';
import { sampleObject, type SampleObject } from './objects.ts';

/** Creating one is refused until it has a function. */
const notImplementedKinds = new Set([
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
]);

function isCreatable({ verbs, plural, group }: ServedResource): boolean {
  return verbs.includes('create') && verbs.includes('get') && !notImplementedKinds.has(`${plural}.${group}`);
}

/** `deployments.v1.apps`: names a resource beyond doubt. */
function argumentOf({ plural, version, group }: ServedResource): string {
  return group === '' ? plural : `${plural}.${version}.${group}`;
}

/** One object of every kind. Groups and versions that share their objects have one each. */
function objectsOf({ served, kubectl, namespace }: KubectlSession, name: string): SampleObject[] {
  return served.filter(isCreatable).map((resource) => {
    const { plural, group, version } = resource;
    const unique = [name, kubectl.minor, version, group.split('.')[0] ?? ''].join('-').replace(/-$/, '');
    const object = sampleObject(resource, unique, namespace);
    assert.ok(object, `test/integration/objects.ts has no ${plural}.${group}/${version}`);
    return object;
  });
}

function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

await forEachKubectl((session) => {
  const { run, file, namespace } = session;
  const all = (name: string): SampleObject[] => objectsOf(session, name);

  test('api-resources, api-versions', async () => {
    const resources = linesOf(await run(['api-resources', '--no-headers', '-o', 'name']));
    for (const { plural, group } of session.served) {
      const name = group === '' ? plural : `${plural}.${group}`;
      assert.ok(resources.includes(name), `api-resources leaves ${name} out`);
    }
    const versions = linesOf(await run(['api-versions']));
    for (const { group, version } of session.served)
      assert.ok(versions.includes(group === '' ? version : `${group}/${version}`));
  });

  test('explain', async () => {
    const containers = await run(['explain', 'pod.spec.containers', '--recursive']);
    for (const word of ['livenessProbe', 'imagePullPolicy', 'terminationMessagePath', '<string>']) {
      assert.ok(containers.includes(word), `explain leaves ${word} out`);
    }
    assert.match(await run(['explain', 'deployments.spec.replicas']), /Number of desired pods/);
    for (const group of ['apps', 'batch', 'resource.k8s.io']) {
      const one = session.served.find((resource) => resource.group === group);
      assert.ok(one);
      assert.match(await run(['explain', one.plural, `--api-version=${group}/${one.version}`]), new RegExp(one.kind));
    }
  });

  describe('one object of every resource', () => {
    let path: string;
    let count: number;
    /** A command on all of them answers with one line for each. */
    const onAll = async (...args: string[]): Promise<void> => {
      assert.equal(linesOf(await run([...args, '-f', path, '-o', 'name'])).length, count);
    };

    test('create', async () => {
      const objects = all('a');
      count = objects.length;
      path = await file('all.json', listOf(objects));
      await onAll('create');
    });

    test('get in every form', async () => {
      const get = (output: string): Promise<string> =>
        run(['get', '-f', path, ...(output === '' ? [] : ['-o', output])]);
      const objects = all('a');
      for (const output of ['', 'wide']) {
        const text = await get(output);
        for (const { kind, metadata } of objects as { kind: string; metadata?: { name: string } }[]) {
          // An event is shown by what it is about.
          assert.ok(text.includes(kind === 'Event' ? 'pod/p' : (metadata?.name ?? '?')), kind);
        }
      }
      const parsed = JSON.parse(await get('json')) as { items: SampleObject[] };
      assert.deepEqual(
        parsed.items.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
        objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
      );
      assert.equal((await get('yaml')).match(/^ {2}kind: /gm)?.length, count);
      assert.equal(linesOf(await get('name')).length, count);
      assert.equal((await get('jsonpath={.items[*].metadata.uid}')).split(' ').length, count);
      assert.equal(linesOf(await get('custom-columns=NAME:.metadata.name,KIND:.kind')).length, count + 1);
      assert.equal(await get('go-template={{len .items}}'), String(count));
    });

    test('get by kind', async () => {
      const kinds = session.served.filter((resource) => resource.verbs.includes('list')).map(argumentOf);
      const text = await run(['get', kinds.join(','), '--all-namespaces', '-o', 'name']);
      assert.ok(linesOf(text).length >= count);
      // Tables of all kinds, each asked for as the server prints it.
      assert.match(await run(['get', kinds.join(','), '--all-namespaces', '-o', 'wide']), /^NAMESPACE\s+NAME\s+/m);
    });

    test('describe', async () => {
      const kinds = 'pods,services,nodes,deployments,namespaces,persistentvolumeclaims,secrets,ingresses,jobs';
      const text = await run(['describe', kinds, '-n', namespace]);
      assert.ok((text.match(/^Name:/gm)?.length ?? 0) >= kinds.split(',').length);
    });

    test('label, annotate, patch of each kind', async () => {
      await onAll('label', 'l=v');
      await onAll('label', 'l=w', '--overwrite');
      await onAll('annotate', 'a=v');
      await onAll('patch', '--type', 'strategic', '-p', '{"metadata":{"annotations":{"strategic":"yes"}}}');
      await onAll('patch', '--type', 'merge', '-p', '{"metadata":{"annotations":{"merge":"yes"}}}');
      await onAll('patch', '--type', 'json', '-p', '[{"op":"add","path":"/metadata/annotations/json","value":"yes"}]');
      const { items } = JSON.parse(await run(['get', '-f', path, '-o', 'json'])) as {
        items: { kind: string; metadata: { labels: object; annotations: object } }[];
      };
      for (const { kind, metadata } of items) {
        assert.equal((metadata.labels as Record<string, string>)['l'], 'w', kind);
        assert.deepEqual(metadata.annotations, {
          ...metadata.annotations,
          a: 'v',
          strategic: 'yes',
          merge: 'yes',
          json: 'yes',
        });
      }
      assert.equal(
        linesOf(
          await run([
            'get',
            session.served.filter(isCreatable).map(argumentOf).join(','),
            '-l',
            'l=w',
            '-A',
            '-o',
            'name',
          ]),
        ).length >= count,
        true,
      );
    });

    test('replace', async () => {
      const objects = JSON.parse(await run(['get', '-f', path, '-o', 'json'])) as {
        items: { metadata: { annotations: object } }[];
      };
      for (const { metadata } of objects.items) Object.assign(metadata.annotations, { replaced: 'yes' });
      const replaced = await file('replace.json', objects);
      assert.equal(linesOf(await run(['replace', '-f', replaced, '-o', 'name'])).length, count);
      const values = await run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.annotations.replaced}']);
      assert.equal(values.split(' ').length, count);
    });

    test('edit', async () => {
      const editor = await file('editor.sh', '#!/bin/sh\nsed -i "s/strategic: \\"*yes\\"*/strategic: edited/" "$1"\n');
      await chmod(editor, 0o755);
      const text = await run(['edit', '-n', namespace, '-f', path], { env: { KUBE_EDITOR: editor } });
      assert.equal(linesOf(text).filter((line) => line.endsWith(' edited')).length, count);
    });

    test('delete', async () => {
      await onAll('delete', '--wait=false');
      // Storage objects and namespaces are held by finalizers, which controllers take off.
      const { stdout } = await session.try(['get', '-f', path, '-o', 'name', '--ignore-not-found']);
      const held = linesOf(stdout).map((line) => line.split('/')[0]);
      for (const kind of held)
        assert.ok(
          kind !== undefined &&
            /^(?:namespace|persistentvolume|persistentvolumeclaim|servicecidr|volumeattributesclass)/.test(kind),
          `${kind} is still there`,
        );
    });
  });

  test('apply and diff', async () => {
    const objects = all('applied');
    const path = await file('apply.json', listOf(objects));
    assert.equal(linesOf(await run(['diff', '-f', path], { okCodes: [1] })).length > objects.length, true);
    assert.equal(
      linesOf(await run(['apply', '-f', path])).filter((line) => line.endsWith(' created')).length,
      objects.length,
    );
    assert.equal(await run(['diff', '-f', path]), '');
    // kubectl sends a patch again where a list has no keys; that changes nothing, so nothing is written.
    const versions = (): Promise<string> =>
      run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.resourceVersion}']);
    const before = await versions();
    assert.match(await run(['apply', '-f', path]), / unchanged$/m);
    assert.equal(await versions(), before);
    for (const object of objects) {
      const { metadata } = object as unknown as { metadata: { labels?: object } };
      metadata.labels = { changed: 'yes' };
    }
    await file('apply.json', listOf(objects));
    const difference = await run(['diff', '-f', path], { okCodes: [1] });
    assert.equal(difference.match(/^\+ {4}changed: "?yes"?/gm)?.length, objects.length);
    assert.equal(
      linesOf(await run(['apply', '-f', path])).filter((line) => line.endsWith(' configured')).length,
      objects.length,
    );
    for (const object of objects) {
      const { metadata } = object as unknown as { metadata: { labels?: object } };
      delete metadata.labels;
    }
    await file('apply.json', listOf(objects));
    await run(['apply', '-f', path]);
    assert.equal((await run(['get', '-f', path, '-o', 'jsonpath={.items[*].metadata.labels.changed}'])).trim(), '');
    await run(['delete', '-f', path, '--wait=false']);
  });
});
