import { namespaces, services } from '../../src/client/resources.ts';
import { StatusError } from '../../src/machinery/status.ts';
import { Violation, type World } from './world.ts';

/** So few that a leak is felt. */
export const nodePortCount = 8;
export const nodePortRange = `30000-${30_000 + nodePortCount - 1}`;

/** Takes every node port that is free: as many as no Service has, or one has leaked. */
export async function checkNodePorts({ client }: World): Promise<void> {
  const { items } = await client.list(services);
  const held = items.flatMap(({ spec }) => spec?.ports ?? []).filter(({ nodePort }) => nodePort !== undefined).length;
  const namespace = 'node-ports';
  await client.create(namespaces, { metadata: { name: namespace }, spec: {} });
  let taken = 0;
  try {
    for (; ; taken++) {
      await client.create(services, {
        metadata: { namespace, name: `port-${taken}` },
        spec: { type: 'NodePort', ports: [{ port: 80 }] },
      });
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
  if (held + taken !== nodePortCount) {
    throw new Violation(`of ${nodePortCount} node ports Services have ${held}, and ${taken} more are to be had`);
  }
}
