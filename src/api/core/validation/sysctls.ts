/** Kernel parameters of a Pod. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { PodSpec, Sysctl } from '../../types/core.v1.ts';
import { listOf, type Maybe } from '../../field-rules.ts';

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const form = `^(${segment}[\\./])*${segment}$`;
const pattern = new RegExp(form);
const maxLength = 253;

const ipcPrefixes = ['kernel.shm', 'kernel.msg', 'fs.mqueue.'];

/** The kernel's namespace that a parameter belongs to; undefined when it is the whole node's. */
export function hostNamespaceOfSysctl(name: string): 'ipc' | 'net' | undefined {
  const dotted = withDots(name);
  if (dotted.startsWith('net.')) return 'net';
  if (dotted === 'kernel.sem' || ipcPrefixes.some((prefix) => dotted.startsWith(prefix))) return 'ipc';
  return undefined;
}

/** `net/ipv4/conf/eth0.100/x` is `net.ipv4.conf.eth0/100.x`: the first separator says which one separates. */
function withDots(name: string): string {
  const first = /[./]/.exec(name);
  if (first === null || first[0] === '.') return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

export function checkSysctls(
  errors: FieldError[],
  path: Path,
  sysctls: Maybe<Sysctl>,
  spec: PodSpec,
  allowHostSysctls: boolean,
): void {
  const seen = new Set<string>();
  for (const [index, { name = '' }] of listOf(sysctls).entries()) {
    const at = path.index(index).child('name');
    if (name === '') errors.push(at.required());
    else if (name.length > maxLength || !pattern.test(name)) {
      errors.push(at.invalid(name, `must have at most ${maxLength} characters and match regex ${form}`));
    } else if (seen.has(name)) errors.push(at.duplicate(name));
    seen.add(name);
    if (allowHostSysctls) continue;
    const namespace = hostNamespaceOfSysctl(name);
    if (namespace === 'net' && spec.hostNetwork === true) {
      errors.push(at.invalid(name, "may not be specified when 'hostNetwork' is true"));
    } else if (namespace === 'ipc' && spec.hostIPC === true) {
      errors.push(at.invalid(name, "may not be specified when 'hostIPC' is true"));
    }
  }
}
