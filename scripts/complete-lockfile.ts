// Completes package-lock.json with the packages for other platforms that optional dependencies name. npm leaves those
// out that the registry at hand does not carry, and `npm ci` then refuses the file everywhere. Run it after every
// `npm install` that changed the file; it changes nothing when nothing is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const path = resolve(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, object> };

const systems: Readonly<Record<string, string>> = {
  win32: 'win32',
  darwin: 'darwin',
  freebsd: 'freebsd',
  android: 'android',
  openharmony: 'openharmony',
  linux: 'linux',
};
const processors: Readonly<Record<string, string>> = {
  arm: 'arm',
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
};

/** The platform that a package's name tells; undefined when it tells none. */
function platformOf(name: string): object | undefined {
  const words = name.split(/[-/]/);
  const os = words.findLast((word) => systems[word] !== undefined);
  const cpu = words.findLast((word) => processors[word] !== undefined);
  if (os === undefined || cpu === undefined) return undefined;
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') && os === 'linux' ? ['glibc'] : undefined;
  return { cpu: [cpu], os: [os], ...(libc === undefined ? {} : { libc }) };
}

let added = 0;
for (const { dev, optionalDependencies = {} } of Object.values(lock.packages) as LockedPackage[]) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    const platform = platformOf(name);
    if (lock.packages[place] !== undefined || platform === undefined) continue;
    lock.packages[place] = { version, ...platform, ...(dev === true ? { dev } : {}), optional: true };
    added++;
  }
}
if (added > 0) {
  const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`);
}
console.log(`package-lock.json: ${added} packages for other platforms added`);
