// The house's wall clock, whatever zone the machine is in. Asia/Shanghai has had no summer time since 1991.

export const HOUSE_OFFSET = "+08:00";
const HOUSE_MS = 8 * 3600_000;

/** An instant (Date) as "2026-11-25T18:04" on the house's clock. */
export function wall(at) {
  return new Date(at.getTime() + HOUSE_MS).toISOString().slice(0, 16);
}
