import type { Compare, KeyValue } from '../contract.ts';
import type { KeyIndex } from './key-index.ts';
import { isSingleKey } from './key-index.ts';

/** Whether a condition holds in the newest accepted state. */
export function holds(index: KeyIndex, compare: Compare): boolean {
  if (isSingleKey(compare)) {
    const kv = index.get(compare.key)?.accepted;
    return kv === undefined ? holdsForAbsent(compare) : holdsFor(compare, kv);
  }
  let isEmpty = true;
  let all = true;
  index.forEach(compare, ({ accepted }) => {
    if (accepted === undefined) return true;
    isEmpty = false;
    all = holdsFor(compare, accepted);
    return all;
  });
  return isEmpty ? holdsForAbsent(compare) : all;
}

function holdsForAbsent(compare: Compare): boolean {
  return compare.target !== 'value' && ordered(compare, 0 - compare.operand);
}

function holdsFor(compare: Compare, kv: KeyValue): boolean {
  switch (compare.target) {
    case 'version':
      return ordered(compare, kv.version - compare.operand);
    case 'create':
      return ordered(compare, kv.createRevision - compare.operand);
    case 'mod':
      return ordered(compare, kv.modRevision - compare.operand);
    case 'lease':
      return ordered(compare, kv.lease - compare.operand);
    case 'value':
      return ordered(compare, Buffer.compare(kv.value, compare.operand));
  }
}

function ordered({ result }: Compare, difference: number): boolean {
  switch (result) {
    case 'equal':
      return difference === 0;
    case 'notEqual':
      return difference !== 0;
    case 'greater':
      return difference > 0;
    case 'less':
      return difference < 0;
  }
}
