// The load: a process of its own that puts the same requests to one or several servers, which take turns slice by slice.
//
//   node bench/load.ts --kubeconfig F --target NAME=URL@PID [--target …] [--http 1.1|2] [--n 3000] [--c 32]
//     [--watchers 100] [--changes 200] [--slices 4] [--warm-up 100] [--json]
//
// The kubeconfig says whom to trust and who to be, for all targets. Prints a table, or with --json a Measurement a line.
import { parseArgs } from 'node:util';
import { readCredentials } from './load/credentials.ts';
import { figuresOf } from './load/figures.ts';
import { Http1Client } from './load/http1.ts';
import { Http2Client } from './load/http2.ts';
import { measurementOf, Tally } from './load/measure.ts';
import type { Measurement, Target } from './load/measure.ts';
import { phases, warmUp } from './load/phases.ts';
import type { Plan } from './load/phases.ts';
import { tableOf, textTable } from './results.ts';

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string', default: '' },
    target: { type: 'string', multiple: true, default: [] },
    http: { type: 'string', default: '1.1' },
    n: { type: 'string', default: '3000' },
    c: { type: 'string', default: '32' },
    watchers: { type: 'string', default: '100' },
    changes: { type: 'string', default: '200' },
    slices: { type: 'string', default: '4' },
    'warm-up': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});

const plan: Plan = {
  count: Number(values.n),
  concurrency: Number(values.c),
  watchers: Number(values.watchers),
  changes: Number(values.changes),
};
const Client = values.http === '2' ? Http2Client : Http1Client;
const slices = Number(values.slices);
const credentials = await readCredentials(values.kubeconfig);

const targets: Target[] = values.target.map((text) => {
  const [, name = '', url = '', pid = ''] = /^([^=]+)=(\S+)@(\d+)$/.exec(text) ?? [];
  if (name === '') throw new Error(`--target ${text} is not NAME=URL@PID`);
  return { name, pid: Number(pid), client: new Client(new URL(url), credentials, plan.concurrency) };
});

for (const target of targets) await warmUp(target, Number(values['warm-up']));
const measurements: Measurement[] = [];
for (const phase of phases) {
  const tallies = targets.map(() => new Tally());
  for (let index = 0; index < slices; index++) {
    // A, B, then B, A: whoever comes second does not always come second.
    const order = targets.map((_, i) => (index % 2 === 0 ? i : targets.length - 1 - i));
    for (const i of order) {
      const [target, tally] = [targets[i], tallies[i]];
      if (target !== undefined && tally !== undefined) await phase.run(target, tally, plan, { index, of: slices });
    }
  }
  for (const [i, tally] of tallies.entries()) {
    measurements.push(measurementOf(targets[i]?.name ?? '', phase.name, tally));
  }
}
for (const { client } of targets) client.close();
if (values.json) for (const measurement of measurements) console.log(JSON.stringify(measurement));
else console.log(textTable(tableOf(figuresOf(measurements))));
