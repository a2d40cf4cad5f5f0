import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '../types/autoscaling.v2.ts';

const shownMetrics = 2;

/** Go prints a quantity that is not there so. */
const noQuantity = '<nil>';
const unknown = '<unknown>';

function percent(value: number | null | undefined, otherwise: string): string {
  return typeof value === 'number' ? `${value}%` : otherwise;
}

/** What Object and External metrics show: an average over the pods, or one value. */
function valueCell(
  target: MetricTarget | undefined,
  current: { value?: string; averageValue?: string } | undefined,
): string {
  if (target?.averageValue) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current === undefined ? unknown : (current.value ?? noQuantity)}/${target?.value ?? noQuantity}`;
}

/** What Resource and ContainerResource metrics show: `cpu: 50%/80%`. */
function resourceCell(
  metric: { name?: string; target?: MetricTarget } | undefined,
  current: { averageValue?: string; averageUtilization?: number } | undefined,
): string {
  const name = metric?.name ?? '';
  const target = metric?.target;
  if (target?.averageValue) {
    return `${name}: ${current === undefined ? unknown : (current.averageValue ?? noQuantity)}/${target.averageValue}`;
  }
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(target?.averageUtilization, '<auto>')}`;
}

/** The current value of a metric; undefined where the status does not have one of this type. */
function currentOf<F extends 'external' | 'pods' | 'object' | 'resource' | 'containerResource'>(
  status: MetricStatus | undefined,
  field: F,
): NonNullable<MetricStatus[F]>['current'] | undefined {
  const source = status?.[field];
  return source ? (source.current ?? {}) : undefined;
}

function metricCell(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec?.type) {
    case 'External':
      return valueCell(spec.external?.target, currentOf(status, 'external'));
    case 'Object':
      return valueCell(spec.object?.target, currentOf(status, 'object'));
    case 'Pods': {
      const current = currentOf(status, 'pods');
      const shown = current === undefined ? unknown : (current.averageValue ?? noQuantity);
      return `${shown}/${spec.pods?.target?.averageValue ?? noQuantity}`;
    }
    case 'Resource':
      return resourceCell(spec.resource, currentOf(status, 'resource'));
    case 'ContainerResource':
      return resourceCell(spec.containerResource, currentOf(status, 'containerResource'));
    default:
      return '<unknown type>';
  }
}

/** Current and wanted value of the first metrics: `cpu: 50%/80%, 3/10 + 1 more...`. */
export function metricsCell({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const cells = metrics.slice(0, shownMetrics).map((metric, i) => metricCell(metric, status?.currentMetrics?.[i]));
  const more = metrics.length > shownMetrics ? ` + ${metrics.length - shownMetrics} more...` : '';
  return cells.join(', ') + more;
}
