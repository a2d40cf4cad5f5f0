/** The flags about logs and versions that every component has (`k8s.io/component-base/logs`). */
import { flag, section } from './flag-set.ts';
import type { UnimplementedFlag } from './flag-set.ts';
import { choice, integer } from './flag-types.ts';
import type { FlagType } from './flag-types.ts';

/** `--version`, `--version=raw`. */
const versionWord: FlagType<'false' | 'true' | 'raw'> = {
  ...choice(['false', 'true', 'raw']),
  name: 'version[=true]',
  bareValue: 'true',
  print: () => '',
};

export const loggingFlags = {
  ...section('Logs', {
    'logging-format': flag(choice(['text', 'json']), 'text', 'Sets the log format: "text" (klog\'s) or "json".'),
    v: flag(integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), 0, 'How much is logged: the higher, the more.', 'v'),
  }),
  ...section('Global', {
    version: flag(versionWord, 'false', '--version, --version=raw print the version and end.'),
  }),
};

/** Upstream's further flags about logs. */
export const unimplementedLoggingFlags: Readonly<Record<string, UnimplementedFlag>> = {
  'log-flush-frequency': { isBoolean: false, harmless: ['5s'] },
  'log-json-info-buffer-size': { isBoolean: false, harmless: ['0'] },
  'log-json-split-stream': { isBoolean: true, harmless: ['false'] },
  'log-text-info-buffer-size': { isBoolean: false, harmless: ['0'] },
  'log-text-split-stream': { isBoolean: true, harmless: ['false'] },
  vmodule: { isBoolean: false, harmless: [''] },
};
