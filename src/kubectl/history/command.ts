/** `kubets history`: what happened to an object, and what objects were. */
import type { Table } from '../../api/types/meta.v1.ts';
import { discover } from '../../client/discovery.ts';
import { pathOf } from '../../client/resource.ts';
import { resolveResource } from '../../client/resource-names.ts';
import { realClock } from '../../machinery/clock.ts';
import { connect, type ServerConnection } from '../connection.ts';
import { errorText } from '../errors.ts';
import { serialized } from '../output.ts';
import { tableText } from '../table.ts';
import { parseHistoryArguments, type HistoryArguments } from './arguments.ts';
import { historyText } from './layout.ts';
import { checkKeepsHistory, readHistory } from './read-history.ts';

/** Runs the command with the arguments after its name; resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let connection: ServerConnection | undefined;
  try {
    const parsed = parseHistoryArguments(args, process.stdout.columns ?? 80);
    if (typeof parsed === 'string') {
      process.stdout.write(parsed);
      return 0;
    }
    connection = await connect(parsed.values, 'history', (text) => process.stderr.write(`Warning: ${text}\n`));
    process.stdout.write(await answer(connection, parsed));
    return 0;
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    return 1;
  } finally {
    connection?.client.transport.close();
  }
}

async function answer({ client, namespace }: ServerConnection, parsed: HistoryArguments): Promise<string> {
  const { kind, name, values } = parsed;
  const resource = resolveResource(await discover(client), kind);
  if (resource === undefined) throw new Error(`the server doesn't have a resource type ${JSON.stringify(kind)}`);
  const path = pathOf(resource, values['all-namespaces'] ? undefined : namespace, name);
  const { output, at, limit, selector } = values;
  if (at === undefined) {
    const history = await readHistory(client, path, limit);
    if (output === 'json' || output === 'yaml') return serialized(history, output);
    const older = history.metadata.continue === undefined ? '' : '\nThere are older revisions: --limit 0 shows all.\n';
    return historyText(history, realClock.now()) + older;
  }
  await checkKeepsHistory(client);
  const query = { at, labelSelector: selector === '' ? undefined : selector };
  const format = output === '' && name !== undefined ? 'yaml' : output;
  if (format === 'json' || format === 'yaml') return serialized(await client.get<unknown>(path, { query }), format);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = await client.get<Table>(path, { query, accept });
  if ((table.rows ?? []).length === 0) return `No resources found at ${at}.\n`;
  return tableText(table, { wide: format === 'wide', withNamespace: values['all-namespaces'] && resource.namespaced });
}
