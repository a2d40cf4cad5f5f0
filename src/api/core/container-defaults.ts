/** Defaults of containers, shared by Pods and every pod template (upstream's `SetDefaults_Container` and below). */
import type { Container, EphemeralContainer, HTTPGetAction, LifecycleHandler, Probe } from '../types/core.v1.ts';
import { defaultPullPolicy } from './image-reference.ts';
import { roundUpResourceList } from './resource-list.ts';

export function setContainerDefaults(container: Container | EphemeralContainer): void {
  if (!container.imagePullPolicy) container.imagePullPolicy = defaultPullPolicy(container.image ?? '');
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log';
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File';
  if (container.resources) {
    roundUpResourceList(container.resources.limits);
    roundUpResourceList(container.resources.requests);
  }
  if (container.env) {
    for (const { valueFrom } of container.env) {
      if (valueFrom?.fieldRef) setObjectFieldDefaults(valueFrom.fieldRef);
    }
  }
  if (container.livenessProbe) setProbeDefaults(container.livenessProbe);
  if (container.readinessProbe) setProbeDefaults(container.readinessProbe);
  if (container.startupProbe) setProbeDefaults(container.startupProbe);
  if (container.lifecycle) {
    setHandlerDefaults(container.lifecycle.postStart);
    setHandlerDefaults(container.lifecycle.preStop);
  }
}

export function setObjectFieldDefaults(selector: { apiVersion?: string }): void {
  if (!selector.apiVersion) selector.apiVersion = 'v1';
}

function setProbeDefaults(probe: Probe): void {
  if (!probe.timeoutSeconds) probe.timeoutSeconds = 1;
  if (!probe.periodSeconds) probe.periodSeconds = 10;
  if (!probe.successThreshold) probe.successThreshold = 1;
  if (!probe.failureThreshold) probe.failureThreshold = 3;
  if (probe.httpGet) setHTTPGetDefaults(probe.httpGet);
}

function setHandlerDefaults(handler: LifecycleHandler | undefined): void {
  if (handler?.httpGet) setHTTPGetDefaults(handler.httpGet);
}

function setHTTPGetDefaults(action: HTTPGetAction): void {
  if (!action.path) action.path = '/';
  if (!action.scheme) action.scheme = 'HTTP';
}
