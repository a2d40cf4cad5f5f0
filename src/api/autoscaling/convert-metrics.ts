import type * as v1 from '../types/autoscaling.v1.ts';
import type * as v2 from '../types/autoscaling.v2.ts';

/** A type whose fields may also be there and undefined: what v1 requires, v2 may not have. */
type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** The object without the fields that are undefined. */
function defined<T extends object>(object: Loose<T>): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

const zero = '0';

/** v1 has a value even where v2 has only an average: a zero, which is then no value of its own. */
function valueBesideAverage(value: string | undefined, average: string | undefined): string | undefined {
  return average !== undefined && value === zero ? undefined : value;
}

function valueOrZeroBesideAverage(of: { value?: string; averageValue?: string } | undefined): string | undefined {
  return of?.value ?? (of?.averageValue === undefined ? undefined : zero);
}

function resourceTarget(source: v1.ResourceMetricSource | v1.ContainerResourceMetricSource): v2.MetricTarget {
  return defined<v2.MetricTarget>({
    type: source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: source.targetAverageValue,
    averageUtilization: source.targetAverageUtilization,
  });
}

/** A metric as the annotation of an `autoscaling/v1` object holds it, in the form of `autoscaling/v2`. */
export function metricToV2({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: v1.MetricSpec): v2.MetricSpec {
  return defined<v2.MetricSpec>({
    type,
    object: object && {
      describedObject: object.target,
      target: defined<v2.MetricTarget>({
        type: object.averageValue === undefined ? 'Value' : 'AverageValue',
        value: valueBesideAverage(object.targetValue, object.averageValue),
        averageValue: object.averageValue,
      }),
      metric: defined<v2.MetricIdentifier>({ name: object.metricName, selector: object.selector }),
    },
    pods: pods && {
      metric: defined<v2.MetricIdentifier>({ name: pods.metricName, selector: pods.selector }),
      target: defined<v2.MetricTarget>({ type: 'AverageValue', averageValue: pods.targetAverageValue }),
    },
    resource: resource && { name: resource.name, target: resourceTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      target: resourceTarget(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metric: defined<v2.MetricIdentifier>({ name: external.metricName, selector: external.metricSelector }),
      target: defined<v2.MetricTarget>({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

export function metricToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: v2.MetricSpec): v1.MetricSpec {
  return defined<v1.MetricSpec>({
    type: type as v1.MetricSourceType,
    object:
      object &&
      defined<v1.ObjectMetricSource>({
        target: object.describedObject,
        metricName: object.metric?.name ?? '',
        targetValue: valueOrZeroBesideAverage(object.target),
        selector: object.metric?.selector,
        averageValue: object.target?.averageValue,
      }),
    pods:
      pods &&
      defined<v1.PodsMetricSource>({
        metricName: pods.metric?.name ?? '',
        targetAverageValue: pods.target?.averageValue,
        selector: pods.metric?.selector,
      }),
    resource:
      resource &&
      defined<v1.ResourceMetricSource>({
        name: resource.name,
        targetAverageUtilization: resource.target?.averageUtilization,
        targetAverageValue: resource.target?.averageValue,
      }),
    containerResource:
      containerResource &&
      defined<v1.ContainerResourceMetricSource>({
        name: containerResource.name,
        targetAverageUtilization: containerResource.target?.averageUtilization,
        targetAverageValue: containerResource.target?.averageValue,
        container: containerResource.container,
      }),
    external:
      external &&
      defined<v1.ExternalMetricSource>({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
  });
}

export function metricStatusToV2(status: v1.MetricStatus): v2.MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status;
  return defined<v2.MetricStatus>({
    type,
    object: object && {
      metric: defined<v2.MetricIdentifier>({ name: object.metricName, selector: object.selector }),
      current: defined<v2.MetricValueStatus>({
        value: valueBesideAverage(object.currentValue, object.averageValue),
        averageValue: object.averageValue,
      }),
      describedObject: object.target,
    },
    pods: pods && {
      metric: defined<v2.MetricIdentifier>({ name: pods.metricName, selector: pods.selector }),
      current: defined<v2.MetricValueStatus>({ averageValue: pods.currentAverageValue }),
    },
    resource: resource && { name: resource.name, current: resourceCurrent(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      current: resourceCurrent(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metric: defined<v2.MetricIdentifier>({ name: external.metricName, selector: external.metricSelector }),
      current: defined<v2.MetricValueStatus>({
        value: valueBesideAverage(external.currentValue, external.currentAverageValue),
        averageValue: external.currentAverageValue,
      }),
    },
  });
}

function resourceCurrent(source: v1.ResourceMetricStatus | v1.ContainerResourceMetricStatus): v2.MetricValueStatus {
  return defined<v2.MetricValueStatus>({
    averageValue: source.currentAverageValue,
    averageUtilization: source.currentAverageUtilization,
  });
}

export function metricStatusToV1(status: v2.MetricStatus): v1.MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status;
  return defined<v1.MetricStatus>({
    type: type as v1.MetricSourceType,
    object:
      object &&
      defined<v1.ObjectMetricStatus>({
        target: object.describedObject,
        metricName: object.metric?.name ?? '',
        currentValue: valueOrZeroBesideAverage(object.current),
        selector: object.metric?.selector,
        averageValue: object.current?.averageValue,
      }),
    pods:
      pods &&
      defined<v1.PodsMetricStatus>({
        metricName: pods.metric?.name ?? '',
        currentAverageValue: pods.current?.averageValue,
        selector: pods.metric?.selector,
      }),
    resource:
      resource &&
      defined<v1.ResourceMetricStatus>({
        name: resource.name,
        currentAverageUtilization: resource.current?.averageUtilization,
        currentAverageValue: resource.current?.averageValue,
      }),
    containerResource:
      containerResource &&
      defined<v1.ContainerResourceMetricStatus>({
        name: containerResource.name,
        currentAverageUtilization: containerResource.current?.averageUtilization,
        currentAverageValue: containerResource.current?.averageValue,
        container: containerResource.container,
      }),
    external:
      external &&
      defined<v1.ExternalMetricStatus>({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        currentValue: valueOrZeroBesideAverage(external.current),
        currentAverageValue: external.current?.averageValue,
      }),
  });
}
