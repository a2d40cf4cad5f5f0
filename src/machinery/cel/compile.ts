/** From the text of an expression to a program. */
import { adapterOf } from './adapt.ts';
import type { CheckEnvironment } from './checker.ts';
import { check } from './checker.ts';
import { Compiler } from './compiler.ts';
import type {
  CelBindings,
  CelCompileError,
  CelProgram,
  CompileOptions,
  CompileResult,
  EvaluateOptions,
  EvaluateResult,
} from './contract.ts';
import { estimateCost } from './cost-estimate.ts';
import { kubernetesFunctions, kubernetesTypeNames } from './environment.ts';
import type { Evaluator, SlotValue } from './evaluation.ts';
import { Evaluation } from './evaluation.ts';
import { CelFailure, CostLimitExceeded, Interrupted } from './failure.ts';
import { formatIssues } from './issues.ts';
import { AnswerPending } from './library/authorizer.ts';
import { perCallCostLimit } from './limits.ts';
import { parse } from './parser.ts';
import type { CelType } from './types.ts';
import { dynType, formatType, sameType } from './types.ts';
import { isDyn } from './unify.ts';
import { validateLiterals } from './validators.ts';
import type { CelValue } from './values.ts';

function refused(kind: CelCompileError['kind'], message: string): CompileResult {
  return { ok: false, error: { kind, message } };
}

/** `must evaluate to bool`, as upstream says it; undefined when the type is one of those that are wanted. */
function resultProblem(type: CelType, wanted: readonly CelType[] | undefined): string | undefined {
  if (wanted === undefined || isDyn(type) || wanted.some((one) => sameType(one, type) || isDyn(one))) return undefined;
  const names = wanted.map(formatType);
  return names.length === 1 ? `must evaluate to ${names[0]}` : `must evaluate to one of [${names.join(' ')}]`;
}

interface Variable {
  readonly name: string;
  readonly slot: number;
  readonly adapt: ((value: CelValue) => CelValue) | undefined;
}

class Program implements CelProgram {
  readonly #evaluate: Evaluator;
  readonly #variables: readonly Variable[];
  readonly #slotCount: number;
  readonly expression: string;
  readonly resultType: CelType;
  readonly estimatedCost: CelProgram['estimatedCost'];

  constructor(
    expression: string,
    resultType: CelType,
    estimatedCost: CelProgram['estimatedCost'],
    compiled: { evaluate: Evaluator; variables: readonly Variable[]; slotCount: number },
  ) {
    this.expression = expression;
    this.resultType = resultType;
    this.estimatedCost = estimatedCost;
    this.#evaluate = compiled.evaluate;
    this.#variables = compiled.variables;
    this.#slotCount = compiled.slotCount;
  }

  get referencedVariables(): readonly string[] {
    return this.#variables.map(({ name }) => name);
  }

  evaluate(bindings: CelBindings, options?: EvaluateOptions): EvaluateResult {
    const result = this.#run(bindings, options);
    if (result instanceof AnswerPending) throw new TypeError('an authorizer that takes its time needs evaluateAsync');
    return result;
  }

  async evaluateAsync(bindings: CelBindings, options?: EvaluateOptions): Promise<EvaluateResult> {
    // Each turn has one answer more, and the cost of a check bounds how many there are.
    for (;;) {
      const result = this.#run(bindings, options);
      if (!(result instanceof AnswerPending)) return result;
      await result.answered;
    }
  }

  #run(bindings: CelBindings, options: EvaluateOptions | undefined): EvaluateResult | AnswerPending {
    const slots: SlotValue[] = [];
    slots.length = this.#slotCount;
    const state = new Evaluation(
      slots,
      Math.min(options?.costLimit ?? perCallCostLimit, perCallCostLimit),
      options?.isInterrupted,
    );
    try {
      for (const { name, slot, adapt } of this.#variables) {
        // What a caller binds is what it declared; evaluation checks every value before it uses it.
        const value = bindings[name] as CelValue | undefined;
        slots[slot] = value === undefined || adapt === undefined ? value : adapt(value);
      }
      const value = this.#evaluate(state);
      return { ok: true, value, cost: state.cost };
    } catch (error) {
      if (error instanceof CelFailure) return failed(error, false, state.cost);
      if (error instanceof CostLimitExceeded) return failed(error, true, state.cost);
      if (error instanceof Interrupted) return failed(error, false, state.cost);
      if (error instanceof AnswerPending) return error;
      throw error;
    }
  }
}

function failed({ message }: { readonly message: string }, isCostLimitExceeded: boolean, cost: number): EvaluateResult {
  return { ok: false, message, isCostLimitExceeded, cost };
}

/** Compiles an expression. Never throws for what it holds. */
export function compile(expression: string, options: CompileOptions): CompileResult {
  const parsed = parse(expression, { hasBind: options.hasBind ?? false });
  if (!parsed.ok) return refused('syntax', formatIssues(parsed.source, parsed.issues));
  const { tree, source } = parsed;
  const environment: CheckEnvironment = {
    variables: new Map(Object.entries(options.variables)),
    functions: kubernetesFunctions,
    typeNames: kubernetesTypeNames,
    types: options.types,
    container: options.container ?? '',
    allowMixedLiterals: options.allowMixedLiterals ?? false,
  };
  const issues = check(tree, environment);
  if (issues.length > 0) return refused('type', formatIssues(source, issues));
  const mistakes = validateLiterals(tree);
  if (mistakes.length > 0) return refused('type', formatIssues(source, mistakes));
  const type = tree.type ?? dynType;
  const problem = resultProblem(type, options.resultTypes);
  if (problem !== undefined) return refused('result', problem);
  const compiler = new Compiler(environment);
  let evaluate: Evaluator;
  try {
    evaluate = compiler.evaluator(tree, undefined);
  } catch (error) {
    if (error instanceof CelFailure) return refused('program', `program instantiation failed: ${error.message}`);
    throw error;
  }
  const variables = Array.from(compiler.variables, ([name, slot]): Variable => ({
    name,
    slot,
    adapt: adapterOf(environment.variables.get(name) ?? dynType),
  }));
  const estimated = estimateCost(tree, options.estimateSize);
  const compiled = { evaluate, variables, slotCount: compiler.slotCount };
  return { ok: true, program: new Program(expression, type, estimated, compiled) };
}
