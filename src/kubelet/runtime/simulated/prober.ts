import type { Container, Probe } from '../../../api/types/core.v1.ts';
import { RuntimeError, type ProbeResult, type ProbeType } from '../../contract.ts';
import type { Prober, ProbeTarget } from '../../probes/contract.ts';
import type { SimulatedRuntime } from './runtime.ts';
import { probeStepAt } from './script.ts';

const decoder = new TextDecoder();

/** Answers probes as scripts say; commands without one are run in the simulated container. */
export class SimulatedProber implements Prober {
  readonly #runtime: SimulatedRuntime;

  constructor(runtime: SimulatedRuntime) {
    this.#runtime = runtime;
  }

  async probe(
    type: ProbeType,
    { containerId }: ProbeTarget,
    _container: Container,
    probe: Probe,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const container = this.#runtime.find(containerId);
    if (container === undefined) throw new RuntimeError('NotFound', `container ${containerId} not found`);
    const steps = container.script.probes?.[type];
    if (steps !== undefined) {
      const step = probeStepAt(steps, container.sinceStartMs);
      return { result: step?.result ?? 'success', output: step?.output ?? outputOf(step?.result) };
    }
    if (probe.exec === undefined) return { result: 'success', output: '' };
    return this.#exec(containerId, probe, signal);
  }

  async #exec(containerId: string, { exec, timeoutSeconds = 1 }: Probe, signal: AbortSignal): Promise<ProbeResult> {
    try {
      const answer = await this.#runtime.execSync(containerId, exec?.command ?? [], timeoutSeconds, signal);
      const output = decoder.decode(answer.stdout) + decoder.decode(answer.stderr);
      return { result: answer.exitCode === 0 ? 'success' : 'failure', output };
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'DeadlineExceeded') {
        return { result: 'failure', output: error.message };
      }
      throw error;
    }
  }
}

function outputOf(result: 'success' | 'failure' | undefined): string {
  return result === 'failure' ? 'the script says so' : '';
}
