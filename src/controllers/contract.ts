/**
 * What a controller is: a part of kube-controller-manager that watches some resources and writes others, until the
 * state of the cluster is the desired one. It is told of changes, but trusts only what it reads (level-triggered):
 * it may be stopped and started again at any moment. The constructor registers handlers and indexes on the informers,
 * which run only afterwards; `run` waits for them itself.
 */
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { ReconcileLoopOptions } from '../client/reconcile-loop.ts';
import type { SharedInformers } from '../client/shared-informers.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { MetricsRegistry } from '../machinery/metrics.ts';
import type { Random } from '../machinery/random.ts';
import type { ControllerManagerOptions } from './options.ts';

export interface ControllerContext {
  /** In the name of the controller's own service account. */
  readonly client: Client;
  /** Shared with all controllers of the process. */
  readonly informers: SharedInformers;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly options: ControllerManagerOptions;
  /** What every queue of the controller is made with. */
  queueOptions(name: string): Pick<ReconcileLoopOptions, 'name' | 'clock' | 'log' | 'observer'>;
}

export interface Controller {
  /** Works until the signal aborts; resolves when nothing is under way any more. Rejects only for a fault of its own. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ControllerDefinition {
  /** Upstream's name, by which `--controllers` selects it: `replicaset-controller`. */
  readonly name: string;
  /** What `--controllers` called it before: `replicaset`. */
  readonly alias?: string;
  /** In kube-system. */
  readonly serviceAccount: string;
  /** What its events are said to come from; default: its service account. */
  readonly eventSource?: string;
  /** Writes in the manager's own name, not in that of its service account. */
  readonly actsAsManager?: boolean;
  /** Runs only when `--controllers` names it. */
  readonly isOffByDefault?: boolean;
  create(context: ControllerContext): Controller;
}
