/**
 * Scripts: what simulated containers do. A Pod carries them in the annotation `simulated.kubets.dev/script`, as JSON by
 * container name; `*` stands for every container that is not named:
 *
 *     simulated.kubets.dev/script: '{"web": {"runs": [{"exitAfterMs": 1000, "exitCode": 1}, {}]}}'
 *
 * Without a script a container starts at once, runs until it is stopped, and passes every probe.
 */
import type { ProbeType } from '../../contract.ts';

export const scriptAnnotation = 'simulated.kubets.dev/script';
export const imagesAnnotation = 'simulated.kubets.dev/images';

/** One run of a container, from its start to its end. */
export interface RunScript {
  /** Undefined: it runs until it is stopped. */
  readonly exitAfterMs?: number;
  /** Default 0. */
  readonly exitCode?: number;
  /** Default: `Completed` for exit code 0, `Error` for others. */
  readonly reason?: string;
  /** The termination message. */
  readonly message?: string;
  readonly logs?: readonly LogScript[];
  /** Starting it fails with this message. */
  readonly startError?: string;
}

export interface LogScript {
  /** After the start. Default 0. */
  readonly afterMs?: number;
  readonly line: string;
  /** Default stdout. */
  readonly stream?: 'stdout' | 'stderr';
}

/** From when on, after the container's start, a probe answers so. */
export interface ProbeStep {
  /** Default 0. */
  readonly afterMs?: number;
  readonly result: 'success' | 'failure';
  readonly output?: string;
}

export interface ExecScript {
  /** The whole command, or its beginning. Undefined: any. */
  readonly cmd?: readonly string[];
  readonly stdout?: string;
  readonly stderr?: string;
  /** Default 0. */
  readonly exitCode?: number;
  /** Default 0. */
  readonly takesMs?: number;
}

export interface ContainerScript {
  /** How long starting takes. Default 0. */
  readonly startDelayMs?: number;
  /** The first run, the second, …; the last one is that of all later runs. */
  readonly runs?: readonly RunScript[];
  /** What it does when it is asked to stop. Default: it ends at once with code 0. */
  readonly onStop?: {
    readonly exitAfterMs?: number;
    readonly exitCode?: number;
    /** It goes on until it is killed. */
    readonly ignored?: boolean;
  };
  readonly probes?: Readonly<Partial<Record<ProbeType, readonly ProbeStep[]>>>;
  readonly exec?: readonly ExecScript[];
}

/** How pulling an image goes. Pods carry it in the annotation `simulated.kubets.dev/images`, by image. */
export interface ImageScript {
  /** Default 0. */
  readonly pullMs?: number;
  /** Pulling fails with this message. */
  readonly error?: string;
}

/** What is known of a container when its script is asked for. */
export interface ScriptContext {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** By which tests write scripts; undefined: what the Pod's annotations say. */
export interface ScriptHooks {
  container?(context: ScriptContext): ContainerScript | undefined;
  image?(image: string): ImageScript | undefined;
}

/** A script that cannot be read. */
export class ScriptError extends Error {
  override name = 'ScriptError';
}

const noScript: ContainerScript = Object.freeze({});

/** Throws a ScriptError when the annotation is not JSON by container. */
export function scriptOf(context: ScriptContext, hooks: ScriptHooks | undefined): ContainerScript {
  const hooked = hooks?.container?.(context);
  if (hooked !== undefined) return hooked;
  const scripts = read(context.annotations, scriptAnnotation);
  const script = scripts[context.container] ?? scripts['*'] ?? noScript;
  if (!isObject(script)) throw new ScriptError(`${scriptAnnotation}: ${context.container} must be an object`);
  checkFields(context.container, script);
  return script as ContainerScript;
}

/** Throws a ScriptError when the annotation is not JSON by image. */
export function imageScriptOf(
  image: string,
  annotations: Readonly<Record<string, string>>,
  hooks: ScriptHooks | undefined,
): ImageScript {
  const hooked = hooks?.image?.(image);
  if (hooked !== undefined) return hooked;
  const script = read(annotations, imagesAnnotation)[image] ?? noScript;
  if (!isObject(script)) throw new ScriptError(`${imagesAnnotation}: ${image} must be an object`);
  return script as ImageScript;
}

function read(annotations: Readonly<Record<string, string>>, name: string): Readonly<Record<string, unknown>> {
  const text = annotations[name];
  if (text === undefined) return noScript as Readonly<Record<string, unknown>>;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ScriptError(`${name} is not JSON`, { cause });
  }
  if (!isObject(value)) throw new ScriptError(`${name} must be an object`);
  return value;
}

const fields: Readonly<Record<keyof ContainerScript, 'number' | 'array' | 'object'>> = {
  startDelayMs: 'number',
  runs: 'array',
  onStop: 'object',
  probes: 'object',
  exec: 'array',
};

function checkFields(container: string, script: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(script)) {
    const wanted = (fields as Readonly<Record<string, string>>)[name];
    const where = `${scriptAnnotation}: ${container}.${name}`;
    if (wanted === undefined) throw new ScriptError(`${where} is not a field of a script`);
    const type = Array.isArray(value) ? 'array' : typeof value;
    if (type !== wanted) throw new ScriptError(`${where} must be ${wanted === 'number' ? 'a' : 'an'} ${wanted}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The script of the run with this number, counted from 0. */
export function runOf({ runs = [] }: ContainerScript, attempt: number): RunScript {
  return runs[Math.min(attempt, runs.length - 1)] ?? {};
}

/** What a probe says so long after the container's start. */
export function probeStepAt(steps: readonly ProbeStep[], afterStartMs: number): ProbeStep | undefined {
  let current: ProbeStep | undefined;
  for (const step of steps) if ((step.afterMs ?? 0) <= afterStartMs) current = step;
  return current;
}
