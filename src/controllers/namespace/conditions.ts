import type { NamespaceCondition } from '../../api/types/core.v1.ts';
import { formatTime } from '../../machinery/time.ts';

/** What one round of emptying a namespace came to. */
export interface Emptying {
  /** Group and resource → what went wrong. */
  readonly discoveryErrors: readonly string[];
  readonly deletionErrors: readonly string[];
  /** Resource (`pods.`, `deployments.apps`) → how many objects are left. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Finalizer → how many objects wait for it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

interface Statement {
  readonly type: string;
  readonly isProblem: boolean;
  readonly reason: string;
  readonly message: string;
}

function listed(counts: ReadonlyMap<string, number>, end: string): string {
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${end.replace('N', String(count))}`)
    .join(', ');
}

function statements({ discoveryErrors, deletionErrors, remaining, finalizers }: Emptying): Statement[] {
  const left = new Map([...remaining].filter(([, count]) => count > 0));
  return [
    discoveryErrors.length > 0
      ? {
          type: 'NamespaceDeletionDiscoveryFailure',
          isProblem: true,
          reason: 'DiscoveryFailed',
          message: `Discovery failed for some groups, ${discoveryErrors.length} failing: ${discoveryErrors.join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionDiscoveryFailure',
          isProblem: false,
          reason: 'ResourcesDiscovered',
          message: 'All resources successfully discovered',
        },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      isProblem: false,
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    deletionErrors.length > 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          isProblem: true,
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${deletionErrors.length} remaining: ${deletionErrors.join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          isProblem: false,
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
    left.size > 0
      ? {
          type: 'NamespaceContentRemaining',
          isProblem: true,
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${listed(left, 'has N resource instances')}`,
        }
      : {
          type: 'NamespaceContentRemaining',
          isProblem: false,
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          isProblem: true,
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in N resource instances')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          isProblem: false,
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}

/** The conditions of a namespace after a round; the same ones where nothing is new. */
export function namespaceConditions(
  known: readonly NamespaceCondition[],
  emptying: Emptying,
  nowMs: number,
): readonly NamespaceCondition[] {
  const told = statements(emptying);
  let hasChanged = false;
  const conditions = told.map(({ type, isProblem, reason, message }): NamespaceCondition => {
    const status = isProblem ? 'True' : 'False';
    const old = known.find((condition) => condition.type === type);
    if (old?.status === status && old.message === message && old.reason === reason) return old;
    hasChanged = true;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(nowMs);
    return { type, status, lastTransitionTime: lastTransitionTime ?? formatTime(nowMs), reason, message };
  });
  if (!hasChanged) return known;
  return [...known.filter(({ type }) => !told.some((one) => one.type === type)), ...conditions];
}
