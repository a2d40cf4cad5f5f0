import { createHash } from 'node:crypto';
import type { Clock } from '../../../machinery/clock.ts';
import { RuntimeError, type ImageSpec, type RuntimeImage } from '../../contract.ts';
import type { ImageScript } from './script.ts';

/** Of an image that nobody made. Between what small and large ones take, and the same each time. */
const minImageBytes = 5_000_000n;
const imageBytesSpread = 200_000_000n;

/** The images of a simulated node: any name can be pulled. */
export class SimulatedImages {
  readonly #byName = new Map<string, RuntimeImage>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  list(): readonly RuntimeImage[] {
    return [...this.#byName.values()];
  }

  get(name: string): RuntimeImage | undefined {
    return this.#byName.get(name);
  }

  async pull(
    { userSpecifiedImage: name }: ImageSpec,
    { pullMs = 0, error }: ImageScript,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    if (pullMs > 0) await this.#clock.sleep(pullMs, signal);
    if (error !== undefined) throw new RuntimeError('Unknown', error);
    let image = this.#byName.get(name);
    if (image === undefined) {
      image = imageOf(name);
      this.#byName.set(name, image);
    }
    return image.id;
  }

  remove(name: string): void {
    this.#byName.delete(name);
  }
}

function imageOf(name: string): RuntimeImage {
  const digest = createHash('sha256').update(name).digest('hex');
  const [repository = name] = /^[^@]*?(?=@|:[^/]*$|$)/.exec(name) ?? [];
  const id = `${repository}@sha256:${digest}`;
  const size = minImageBytes + (BigInt(`0x${digest.slice(0, 12)}`) % imageBytesSpread);
  return { id, repoTags: [name], repoDigests: [id], size };
}
