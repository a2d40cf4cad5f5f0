import type { PriorityLevelConfigurationSpec } from '../../api/types/flowcontrol.v1.ts';

/** The seats of a priority level, as its configuration has them. */
export interface LevelLimits {
  /** Its share of the server's seats. */
  readonly nominal: number;
  /** What it never lends. */
  readonly lower: number;
  /** With what it may borrow. */
  readonly upper: number;
  /** The most seats of one request; 0: no bound. */
  readonly maxSeatsPerRequest: number;
}

/** A single request is never given more than this part of its level. */
const maxSeatsFraction = 0.15;

export function sharesOf({ limited, exempt }: PriorityLevelConfigurationSpec): number {
  return limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? (limited ? 30 : 0);
}

/** @param shareSum The shares of all levels together. */
export function limitsOf(spec: PriorityLevelConfigurationSpec, serverSeats: number, shareSum: number): LevelLimits {
  const { limited, exempt } = spec;
  const nominal = shareSum === 0 ? 0 : Math.ceil((serverSeats * sharesOf(spec)) / shareSum);
  const lendable = Math.round((nominal * (limited?.lendablePercent ?? exempt?.lendablePercent ?? 0)) / 100);
  const percent = limited?.borrowingLimitPercent;
  const borrowing = percent === undefined || percent === null ? serverSeats : Math.round((nominal * percent) / 100);
  const handSize = limited?.limitResponse?.queuing?.handSize;
  const maxSeats =
    handSize === undefined
      ? 0
      : Math.max(1, Math.min(Math.ceil(nominal * maxSeatsFraction), Math.floor(nominal / handSize)));
  return { nominal, lower: nominal - lendable, upper: nominal + borrowing, maxSeatsPerRequest: maxSeats };
}
