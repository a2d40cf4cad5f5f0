import type { FlowSchema } from '../../api/types/flowcontrol.v1.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logging.ts';
import { quote } from '../../machinery/quote.ts';
import { formatTime } from '../../machinery/time.ts';
import type { InternalResponse } from '../http/internal.ts';
import { flowControlGroup } from './bootstrap-objects.ts';

const fieldManager = 'api-priority-and-fairness-config-consumer-v1';
/** Where several servers disagree, they do not fight faster than this. */
const maxWritesPerMinute = 6;
const minuteMs = 60_000;

export interface StatusWriterOptions {
  readonly clock: Clock;
  readonly log: Logger;
  request(method: string, target: string, body: object, contentType: string): Promise<InternalResponse>;
}

/** Keeps the condition Dangling of flow schemas: whether the level that they name is missing. */
export class FlowSchemaStatus {
  readonly #options: StatusWriterOptions;
  /** When each schema was written of late. */
  readonly #writes = new Map<string, number[]>();
  readonly #delayed = new Set<string>();
  #isStopped = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  forget(name: string): void {
    this.#writes.delete(name);
  }

  /** @param again Called when it is time to look at the schema again. */
  async check(schema: FlowSchema, isFound: boolean, again: () => void): Promise<void> {
    const name = schema.metadata.name ?? '';
    const condition = danglingCondition(schema.spec.priorityLevelConfiguration.name, isFound);
    const present = (schema.status?.conditions ?? []).find(({ type }) => type === condition.type);
    if (present?.status === condition.status && present.reason === condition.reason) {
      if (present.message === condition.message) return;
    }
    if (this.#isStopped || this.#delayed.has(name)) return;
    const { clock, log } = this.#options;
    const now = clock.now();
    const recent = (this.#writes.get(name) ?? []).filter((at) => now - at < minuteMs);
    if (recent.length >= maxWritesPerMinute) {
      this.#delayed.add(name);
      clock
        .setTimeout(() => {
          this.#delayed.delete(name);
          again();
        }, minuteMs)
        .unref();
      return;
    }
    this.#writes.set(name, [...recent, now]);
    const path = `/apis/${flowControlGroup}/v1/flowschemas/${encodeURIComponent(name)}/status`;
    const body = {
      apiVersion: `${flowControlGroup}/v1`,
      kind: 'FlowSchema',
      metadata: { name, uid: schema.metadata.uid },
      status: { conditions: [{ ...condition, lastTransitionTime: formatTime(now) }] },
    };
    const target = `${path}?fieldManager=${fieldManager}&force=true`;
    const answer = await this.#options.request('PATCH', target, body, 'application/apply-patch+yaml');
    // What is gone, or another object by now, is told of by another event.
    if (answer.status < 300 || answer.status === 404 || answer.status === 409) return;
    log.error(`Writing the status of the FlowSchema ${name} failed`, new Error(answer.body.toString('utf8')));
  }
}

function danglingCondition(
  levelName: string,
  isFound: boolean,
): { type: string; status: string; reason: string; message: string } {
  const what = `This FlowSchema references the PriorityLevelConfiguration object named ${quote(levelName)}`;
  return isFound
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${what} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${what} but there is no such object` };
}
