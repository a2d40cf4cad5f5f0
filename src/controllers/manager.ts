import type { Client } from '../client/client.ts';
import { CoreEventRecorder } from '../client/event-recorder.ts';
import { SharedInformers } from '../client/shared-informers.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import { MetricsRegistry } from '../machinery/metrics.ts';
import type { Random } from '../machinery/random.ts';
import { workQueueMetrics } from '../machinery/work-queue-metrics.ts';
import type { Controller, ControllerContext, ControllerDefinition } from './contract.ts';
import type { ControllerManagerOptions } from './options.ts';
import { aborted } from '../machinery/aborted.ts';

export interface ControllerManagerContext {
  /** The manager's own client, for what controllers share. */
  readonly client: Client;
  /** A client in the name of a service account of kube-system, for one controller. */
  clientFor(serviceAccount: string): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: MetricsRegistry;
  readonly options: ControllerManagerOptions;
  readonly definitions: readonly ControllerDefinition[];
}

/** Runs controllers side by side over one set of informers (kube-controller-manager). */
export class ControllerManager {
  readonly metrics: MetricsRegistry;
  readonly #informers: SharedInformers;
  readonly #recorders: CoreEventRecorder[] = [];
  readonly #controllers: { readonly name: string; readonly controller: Controller }[] = [];
  readonly #log: Logger;

  constructor(manager: ControllerManagerContext) {
    const { clock, random, log, options, client } = manager;
    this.#log = log;
    this.metrics = manager.metrics ?? new MetricsRegistry();
    this.#informers = new SharedInformers({ client, clock, random, log });
    for (const definition of manager.definitions) {
      const { name, serviceAccount, eventSource = serviceAccount, actsAsManager = false } = definition;
      const own = actsAsManager ? client : manager.clientFor(serviceAccount);
      const recorder = new CoreEventRecorder({ client: own, clock, random, log, component: eventSource });
      this.#recorders.push(recorder);
      const context: ControllerContext = {
        client: own,
        informers: this.#informers,
        recorder,
        clock,
        random,
        log: log.named(name),
        metrics: this.metrics,
        options,
        queueOptions: (queue) => ({
          name: queue,
          clock,
          log: log.named(name),
          observer: workQueueMetrics<string>(this.metrics, queue, clock),
        }),
      };
      this.#controllers.push({ name, controller: definition.create(context) });
    }
  }

  /** Resolves when the signal has aborted and everything has come to rest. Rejects when a controller fails. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    this.#informers.start(stop.signal);
    try {
      await Promise.all(this.#controllers.map((one) => this.#runOne(one, stop.signal)));
    } finally {
      stop.abort();
      signal.removeEventListener('abort', abort);
      for (const recorder of this.#recorders) recorder.stop();
      await this.#informers.ended();
    }
  }

  async #runOne(
    { name, controller }: { readonly name: string; readonly controller: Controller },
    signal: AbortSignal,
  ): Promise<void> {
    this.#log.v(1)?.info('Starting controller', { controller: name });
    const running = controller.run(signal);
    const hasSynced = this.#informers.synced();
    // One that still waits for its informers when the end comes has nothing to finish.
    await Promise.race([
      running,
      Promise.race([hasSynced, aborted(signal)]).then(() => (signal.aborted ? undefined : running)),
    ]);
  }
}
