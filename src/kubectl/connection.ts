/** The flags by which every client command finds its server, and the client that they make. */
import { HttpsTransport } from '../client/https-transport.ts';
import { resolveKubeconfig } from '../client/kubeconfig-context.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { RestClient } from '../client/rest.ts';
import { flag, section, type FlagValues } from '../machinery/flags/flag-set.ts';
import { optionalText } from '../machinery/flags/flag-types.ts';
import { gitVersion, versionInfo } from '../machinery/version.ts';

export const connectionFlags = section('Connection', {
  kubeconfig: flag(optionalText, undefined, 'Path to the kubeconfig file to use for CLI requests.'),
  context: flag(optionalText, undefined, 'The name of the kubeconfig context to use.'),
  namespace: flag(optionalText, undefined, 'If present, the namespace scope for this CLI request.', 'n'),
});

export interface ServerConnection {
  readonly client: RestClient;
  /** `--namespace`, or the context's. */
  readonly namespace: string;
}

/** Throws a ClientConfigError. */
export async function connect(
  values: FlagValues<typeof connectionFlags>,
  command: string,
  warn: (text: string) => void,
): Promise<ServerConnection> {
  const { kubeconfig, context, namespace } = values;
  const config = resolveKubeconfig(await loadKubeconfig({ explicitPath: kubeconfig }), { context, namespace });
  const userAgent = `kubets-${command}/${gitVersion} (${versionInfo().platform})`;
  const client = new RestClient(new HttpsTransport(config), { userAgent, onWarning: warn });
  return { client, namespace: config.namespace };
}
