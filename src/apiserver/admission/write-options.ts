import type { Operation } from './contract.ts';

/** `CreateOptions` or `UpdateOptions` as the query of a request has them; a patch is an update, or a creation. */
export function writeOptions(operation: Operation, query: URLSearchParams): object | undefined {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  return {
    kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(fieldManager === '' ? {} : { fieldManager }),
    ...(fieldValidation === '' ? {} : { fieldValidation }),
  };
}
