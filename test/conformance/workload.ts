/** Templates of Pods that do what a script says. */
import type { PodTemplateSpec } from '../../src/api/types/core.v1.ts';
import { scriptAnnotation, type ContainerScript } from '../../src/kubelet/runtime/simulated/script.ts';

interface TemplateOptions {
  readonly image?: string;
  readonly script?: ContainerScript;
  readonly spec?: Partial<PodTemplateSpec['spec'] & object>;
}

/** One container, `c`. */
export function templateOf(labels: Record<string, string>, options: TemplateOptions = {}): PodTemplateSpec {
  const { image = imageOf(1), script, spec = {} } = options;
  const annotations =
    script === undefined ? {} : { annotations: { [scriptAnnotation]: JSON.stringify({ c: script }) } };
  return { metadata: { labels, ...annotations }, spec: { containers: [{ name: 'c', image }], ...spec } };
}

export function imageOf(version: number | string): string {
  return `registry.example/c:${version}`;
}

/** A change of the image alone. */
export function imagePatch(image: string): object {
  return { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } };
}
