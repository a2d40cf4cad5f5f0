/** What calls can cost, from the sizes that their arguments can have. */
import { costs, selectorCost } from './call-cost.ts';
import type { Range } from './cost-ranges.ts';
import { exactly, noCost, plus, scaled, times, union, unknown } from './cost-ranges.ts';
import type { CelType } from './types.ts';
import { optionalTypeName, sameType } from './types.ts';
import type { Node } from './ast.ts';

/** An argument, as far as costs care. */
export interface Sized {
  readonly node: Node | undefined;
  readonly type: CelType;
  /** Undefined when nothing is known about it. */
  readonly size: Range | undefined;
  /** The size of each element of a list. */
  readonly elementSize: Range | undefined;
}

export interface CallEstimate {
  /** Without the arguments' own. */
  readonly cost: Range;
  readonly resultSize?: Range;
}

const one: CallEstimate = { cost: exactly(1) };

function sizeOf(sized: Sized | undefined): Range {
  return sized?.size ?? unknown;
}

function reading(sized: Sized | undefined, times = 1): CallEstimate {
  return { cost: scaled(sizeOf(sized), times * costs.perCharacter) };
}

type Estimator = (target: Sized | undefined, args: readonly Sized[], overload: string) => CallEstimate | undefined;

function byName(entries: readonly (readonly [names: string, estimate: Estimator])[]): Map<string, Estimator> {
  return new Map(entries.flatMap(([names, estimate]) => names.split(' ').map((name) => [name, estimate] as const)));
}

const ofList: Estimator = (target) => {
  if (target === undefined) return undefined;
  if (target.type.kind !== 'list') return reading(target);
  const { kind } = target.type.element;
  const isText = kind === 'string' || kind === 'bytes';
  const each = isText ? plus(exactly(1), scaled(target.elementSize ?? unknown, costs.perCharacter)) : exactly(1);
  return { cost: times(sizeOf(target), each) };
};

const sameSize: Estimator = (target) => target && { ...reading(target), resultSize: sizeOf(target) };

function replaced(text: Range, wanted: Range, replacement: Range): Range {
  let [maxCount, maxKept] = [0, 0];
  if (wanted.min === 0) [maxCount, maxKept] = [text.max + 1, text.max];
  else if (replacement.max <= wanted.min) maxKept = text.max;
  else maxCount = Math.ceil(text.max / wanted.min);
  let [minCount, minKept] = [0, 0];
  if (wanted.max === 0) [minCount, minKept] = [text.min + 1, text.min];
  else if (wanted.max <= replacement.min) minKept = text.min;
  else minCount = Math.ceil(text.min / wanted.max);
  return plus(times({ min: minCount, max: maxCount }, replacement), { min: minKept, max: maxKept });
}

const replace: Estimator = (target, args) => {
  if (target === undefined || args.length < 2) return undefined;
  return { ...reading(target, 2), resultSize: replaced(sizeOf(target), sizeOf(args[0]), sizeOf(args[1])) };
};

const split: Estimator = (target, args) => {
  if (target === undefined) return undefined;
  const limit = args[1]?.node;
  const isLimited = limit?.kind === 'literal' && typeof limit.value === 'number';
  const max = isLimited ? Number(limit.value) : sizeOf(target).max;
  return { ...reading(target, 2), resultSize: { min: 0, max: max < 0 ? unknown.max : max } };
};

const join: Estimator = (target, args) => {
  if (target === undefined) return undefined;
  const items = sizeOf(target);
  let size = target.type.kind === 'list' ? times(items, target.elementSize ?? unknown) : noCost;
  if (args[0] !== undefined) {
    const separators = { min: Math.max(items.min - 1, 0), max: Math.max(items.max - 1, 0) };
    size = plus(size, times(sizeOf(args[0]), separators));
  }
  return { cost: scaled(size, costs.perCharacter), resultSize: size };
};

function patternCost(text: Range, pattern: Range): Range {
  const reading = scaled(plus(text, exactly(1)), costs.perCharacter);
  return times(reading, scaled(pattern, costs.perPatternCharacter));
}

const find: Estimator = (target, args) => {
  if (target === undefined || args.length === 0) return undefined;
  const text = sizeOf(target);
  return { cost: patternCost(text, sizeOf(args[0])), resultSize: { min: 0, max: text.max } };
};

const firstArgument: Estimator = (_target, args) => reading(args[0]);

/** What is made of a text is as large as the text. */
const likeFirstArgument: Estimator = (_target, args) => ({ ...reading(args[0]), resultSize: sizeOf(args[0]) });

/** Bytes of an address. */
const addressSize: Range = { min: 4, max: 16 };
const compareAddresses = scaled(plus(addressSize, addressSize), costs.perCharacter);

const containsIP: Estimator = (_target, args, overload) => {
  const isText = overload === 'cidr_contains_ip_string';
  return { cost: isText ? plus(compareAddresses, reading(args[0]).cost) : compareAddresses };
};

const containsCIDR: Estimator = (_target, args, overload) => {
  const masked = plus(plus(compareAddresses, scaled(addressSize, costs.perCharacter)), exactly(1));
  return { cost: overload === 'cidr_contains_cidr_string' ? plus(masked, reading(args[0]).cost) : masked };
};

const selector: Estimator = (_target, args) => {
  const { min, max } = sizeOf(args[0]);
  return { cost: plus({ min: selectorCost(min), max: selectorCost(max) }, noCost) };
};

/** Each of one list with each of the other, as often as told. */
function pairs(args: readonly Sized[], factor: number): CallEstimate {
  return { cost: plus(scaled(times(sizeOf(args[0]), sizeOf(args[1])), factor), exactly(1)) };
}

/** Upstream takes every named format for one of this size, and for a pattern of this length. */
const maxFormatSize = 64;
const maxFormatPattern = 128;

const ofFunctions = byName([
  ['check', (): CallEstimate => ({ cost: exactly(350_000) })],
  ['isSorted sum max min indexOf lastIndexOf', ofList],
  ['url jsonpatch.escapeKey', likeFirstArgument],
  ['lowerAscii upperAscii substring trim', sameSize],
  ['replace', replace],
  ['split', split],
  ['join', join],
  ['find findAll', find],
  ['cidr isIP isCIDR quantity isQuantity semver isSemver', firstArgument],
  ['ip', (target, args) => (target === undefined ? reading(args[0]) : one)],
  ['ip.isCanonical', (_target, args) => reading(args[0], 2)],
  ['fieldSelector labelSelector', selector],
  ['sets.contains sets.intersects', (_target, args) => pairs(args, 1)],
  ['sets.equivalent', (_target, args) => pairs(args, 2)],
  ['containsIP', containsIP],
  ['containsCIDR', containsCIDR],
  ['validate', (_target, args) => ({ cost: patternCost(sizeOf(args[0]), exactly(maxFormatPattern)) })],
]);

const startsWith: Estimator = (_target, args) => reading(args[0]);

const contains: Estimator = (target, args) => target && { cost: times(reading(target).cost, reading(args[0]).cost) };

/** Types whose values have one size; URLs and formats are compared as texts. */
function hasFixedSize(type: CelType): boolean {
  if (type.kind === 'opaque') return type.name !== optionalTypeName;
  return type.kind === 'object' && type.name.startsWith('kubernetes.') && type.name !== 'kubernetes.URL';
}

const compare: Estimator = (_target, args) => {
  const [type, other] = [args[0]?.type, args[1]?.type];
  if (type !== undefined && other !== undefined && sameType(type, other) && hasFixedSize(type)) {
    if (type.kind !== 'object' || type.name !== 'kubernetes.NamedFormat') return one;
    return { cost: scaled({ min: 1, max: maxFormatSize }, costs.perCharacter) };
  }
  const most = Math.min(sizeOf(args[0]).max, sizeOf(args[1]).max);
  return { cost: scaled({ min: most > 0 ? 1 : 0, max: most }, costs.perCharacter) };
};

const addText: Estimator = (_target, args) => {
  const size = plus(sizeOf(args[0]), sizeOf(args[1]));
  return { cost: scaled(size, costs.perCharacter), resultSize: size };
};

const ofOverloads = byName([
  [
    'string_to_bytes',
    (_target, args): CallEstimate => ({
      ...reading(args[0]),
      resultSize: { min: sizeOf(args[0]).min, max: Math.min(sizeOf(args[0]).max * 4, unknown.max) },
    }),
  ],
  [
    'bytes_to_string',
    (_target, args) => ({
      ...reading(args[0]),
      resultSize: { min: Math.floor(sizeOf(args[0]).min / 4), max: sizeOf(args[0]).max },
    }),
  ],
  [
    'strings_quote',
    (_target, args) => ({
      ...reading(args[0]),
      resultSize: { min: sizeOf(args[0]).min + 2, max: Math.min(sizeOf(args[0]).max * 2 + 2, unknown.max) },
    }),
  ],
  ['string_format', (target) => target && reading(target)],
  ['starts_with_string ends_with_string', startsWith],
  ['in_list', (_target, args) => ({ cost: sizeOf(args[1]) })],
  ['matches_string', (target, args) => target && { cost: patternCost(sizeOf(target), sizeOf(args[0])) }],
  ['contains_string', contains],
  ['add_list', (_target, args) => ({ cost: exactly(1), resultSize: plus(sizeOf(args[0]), sizeOf(args[1])) })],
  ['add_string add_bytes', addText],
  ['less_string greater_string less_equals_string greater_equals_string', compare],
  ['less_bytes greater_bytes less_equals_bytes greater_equals_bytes', compare],
  ['equals not_equals', compare],
]);

/** The cost of one overload, without that of its arguments. */
export function estimateCall(
  name: string,
  overload: string,
  target: Sized | undefined,
  args: readonly Sized[],
): CallEstimate {
  return ofFunctions.get(name)?.(target, args, overload) ?? ofOverloads.get(overload)?.(target, args, overload) ?? one;
}

export function unionOf(estimates: readonly CallEstimate[]): CallEstimate {
  let [cost, resultSize] = [undefined, undefined] as [Range | undefined, Range | undefined];
  for (const estimate of estimates) {
    cost = cost === undefined ? estimate.cost : union(cost, estimate.cost);
    if (estimate.resultSize === undefined) continue;
    resultSize = resultSize === undefined ? estimate.resultSize : union(resultSize, estimate.resultSize);
  }
  return resultSize === undefined ? { cost: cost ?? noCost } : { cost: cost ?? noCost, resultSize };
}
