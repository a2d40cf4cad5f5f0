import type { Clock, Timer } from '../../../machinery/clock.ts';
import { RuntimeError } from '../../contract.ts';
import type {
  ContainerConfig,
  ContainerState,
  LogLine,
  Nanoseconds,
  RuntimeContainer,
  RuntimeContainerStatus,
} from '../../contract.ts';
import { runOf, type ContainerScript, type RunScript } from './script.ts';

/** 128 + SIGKILL. */
const killedExitCode = 137;

export function nanosecondsOf(ms: number): Nanoseconds {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

/** A container that does what its script says. */
export class SimulatedContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly podUid: string;
  readonly config: ContainerConfig;
  readonly script: ContainerScript;
  readonly imageRef: string;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #run: RunScript;
  readonly #createdMs: number;
  readonly #waiters: (() => void)[] = [];
  #state: ContainerState = 'CONTAINER_CREATED';
  #startedMs: number | undefined;
  #finishedMs: number | undefined;
  #exitCode = 0;
  #reason = '';
  #message = '';
  #exit: Timer | undefined;
  #stop: Timer | undefined;
  #kill: Timer | undefined;

  constructor(
    identity: {
      readonly id: string;
      readonly podSandboxId: string;
      readonly podUid: string;
      readonly imageRef: string;
    },
    config: ContainerConfig,
    script: ContainerScript,
    clock: Clock,
    onChange: () => void,
  ) {
    this.id = identity.id;
    this.podSandboxId = identity.podSandboxId;
    this.podUid = identity.podUid;
    this.imageRef = identity.imageRef;
    this.config = config;
    this.script = script;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#run = runOf(script, config.metadata.attempt);
    this.#createdMs = clock.now();
  }

  get state(): ContainerState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#state === 'CONTAINER_RUNNING';
  }

  /** 0 before the start. */
  get sinceStartMs(): number {
    return this.#startedMs === undefined ? 0 : this.#clock.now() - this.#startedMs;
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state !== 'CONTAINER_CREATED') {
      throw new RuntimeError('FailedPrecondition', `container ${this.id} is in ${this.#state} state`);
    }
    const { startDelayMs = 0 } = this.script;
    if (startDelayMs > 0) await this.#clock.sleep(startDelayMs, signal);
    const { startError, exitAfterMs } = this.#run;
    this.#startedMs = this.#clock.now();
    if (startError !== undefined) {
      this.#finish(128, 'StartError', startError);
      throw new RuntimeError('Unknown', startError);
    }
    this.#state = 'CONTAINER_RUNNING';
    if (exitAfterMs !== undefined) this.#exit = this.#clock.setTimeout(() => this.#complete(), exitAfterMs);
    this.#onChange();
  }

  /** Resolves when it has ended. */
  async stop(timeoutSeconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === 'CONTAINER_CREATED') this.#finish(killedExitCode, 'Error', '');
    if (!this.isRunning) return;
    const { ignored = false, exitAfterMs = 0, exitCode = 0 } = this.script.onStop ?? {};
    if (!ignored && this.#stop === undefined) {
      if (exitAfterMs <= 0) return this.#end(exitCode);
      this.#stop = this.#clock.setTimeout(() => this.#end(exitCode), exitAfterMs);
    }
    this.#kill?.cancel();
    this.#kill = this.#clock.setTimeout(() => this.#end(killedExitCode), timeoutSeconds * 1000);
    await this.#ended(signal);
  }

  /** At once, as SIGKILL does. */
  kill(): void {
    if (this.isRunning) this.#end(killedExitCode);
    else this.#cancelTimers();
  }

  summary(): RuntimeContainer {
    const { id, podSandboxId, config, state } = this;
    const { metadata, labels, annotations } = config;
    return { id, podSandboxId, metadata, state, labels, annotations, createdAt: nanosecondsOf(this.#createdMs) };
  }

  status(): RuntimeContainerStatus {
    const { metadata, labels, annotations, mounts, logPath, image } = this.config;
    return {
      id: this.id,
      metadata,
      state: this.#state,
      createdAt: nanosecondsOf(this.#createdMs),
      startedAt: this.#startedMs === undefined ? 0n : nanosecondsOf(this.#startedMs),
      finishedAt: this.#finishedMs === undefined ? 0n : nanosecondsOf(this.#finishedMs),
      exitCode: this.#exitCode,
      image,
      imageRef: this.imageRef,
      reason: this.#reason,
      message: this.#message,
      labels,
      annotations,
      mounts,
      logPath,
    };
  }

  /** What it has said until now. */
  logs(): LogLine[] {
    const startedMs = this.#startedMs;
    if (startedMs === undefined) return [];
    const endMs = this.#finishedMs ?? this.#clock.now();
    return (this.#run.logs ?? [])
      .filter(({ afterMs = 0 }) => startedMs + afterMs <= endMs)
      .map(({ afterMs = 0, line, stream = 'stdout' }) => ({
        stream,
        line,
        timestamp: nanosecondsOf(startedMs + afterMs),
      }));
  }

  /** How long until it says something more; undefined when it never will. */
  nextLogInMs(): number | undefined {
    const startedMs = this.#startedMs;
    if (!this.isRunning || startedMs === undefined) return undefined;
    const elapsedMs = this.#clock.now() - startedMs;
    const later = (this.#run.logs ?? []).map(({ afterMs = 0 }) => afterMs - elapsedMs).filter((ms) => ms > 0);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Resolves when it has ended. */
  #ended(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal?.reason as Error);
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  #complete(): void {
    const { exitCode = 0, reason, message = '' } = this.#run;
    this.#finish(exitCode, reason ?? reasonOf(exitCode), message);
  }

  #end(exitCode: number): void {
    this.#finish(exitCode, reasonOf(exitCode), '');
  }

  #finish(exitCode: number, reason: string, message: string): void {
    if (this.#state === 'CONTAINER_EXITED') return;
    this.#cancelTimers();
    this.#state = 'CONTAINER_EXITED';
    this.#finishedMs = this.#clock.now();
    this.#exitCode = exitCode;
    this.#reason = reason;
    this.#message = message;
    for (const resolve of this.#waiters.splice(0)) resolve();
    this.#onChange();
  }

  #cancelTimers(): void {
    for (const timer of [this.#exit, this.#stop, this.#kill]) timer?.cancel();
  }
}

function reasonOf(exitCode: number): string {
  return exitCode === 0 ? 'Completed' : 'Error';
}
