import type { TestServer } from './server.ts';

/** How many watches of a resource a server holds open, by its own metrics. */
export async function openWatches(server: TestServer, resource: string): Promise<number> {
  const transport = server.client().transport;
  try {
    const { body } = await transport.send({ method: 'GET', path: '/metrics' });
    const text = Buffer.concat(await Array.fromAsync(body)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line.startsWith('apiserver_longrunning_requests{'))
      .filter((line) => line.includes(`resource="${resource}"`) && line.includes('verb="WATCH"'))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  } finally {
    transport.close();
  }
}
