/** Which Pod Security Standards hold in a namespace (KEP-2579). */
import { root, type FieldError } from '../../../../machinery/field-error.ts';

/** From the least strict to the strictest. */
export const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

export const modes = ['enforce', 'audit', 'warn'] as const;
export type Mode = (typeof modes)[number];

export interface LevelVersion {
  readonly level: Level;
  /** Minor version of the standards; Infinity: the latest. */
  readonly minor: number;
}

export type Policy = Readonly<Record<Mode, LevelVersion>>;

export const labelPrefix = 'pod-security.kubernetes.io/';

export function printed({ level, minor }: LevelVersion): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
}

export function areSame(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

export function isStricter(a: Level, b: Level): boolean {
  return levels.indexOf(a) > levels.indexOf(b);
}

/** Undefined when it is none. */
export function parseLevel(text: string): Level | undefined {
  return levels.find((level) => level === text);
}

/** `latest` or `v1.x`; undefined for anything else. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return Infinity;
  const digits = /^v1\.(\d|[1-9]\d*)$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export const levelRule = `must be one of ${levels.join(', ')}`;
export const versionRule = 'must be "latest" or "v1.x"';

type Labels = Readonly<Record<string, string>>;

/**
 * What a namespace's labels ask for, and the defaults where they ask for nothing. Of a label that makes no sense the
 * strictest is taken to enforce, and nothing to audit and to warn.
 */
export function policyOf(labels: Labels | undefined, defaults: Policy): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  if (labels === undefined) return { policy: defaults, errors };
  const read = (mode: Mode): LevelVersion => {
    const [levelKey, versionKey] = [labelPrefix + mode, `${labelPrefix}${mode}-version`];
    const [levelText, versionText] = [labels[levelKey], labels[versionKey]];
    let { level, minor } = defaults[mode];
    const path = root('metadata').child('labels');
    if (levelText !== undefined) {
      const parsed = parseLevel(levelText);
      if (parsed === undefined) errors.push(path.key(levelKey).invalid(levelText, levelRule));
      level = parsed ?? (mode === 'enforce' ? 'restricted' : 'privileged');
    }
    if (versionText !== undefined) {
      const parsed = parseVersion(versionText);
      if (parsed === undefined) errors.push(path.key(versionKey).invalid(versionText, versionRule));
      minor = parsed ?? Infinity;
    }
    return { level, minor };
  };
  return { policy: { enforce: read('enforce'), audit: read('audit'), warn: read('warn') }, errors };
}
