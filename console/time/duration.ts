/** Seconds as people read them: `0.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${trim(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** Seconds as a clock shows them, for columns: `0:42`, `1:02:07`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** Microseconds with the unit that fits: `350 µs`, `20 ms`, `7.82 s`. */
export function formatMicroseconds(us: number): string {
  const size = Math.abs(us);
  if (size < 1_000) return `${us} µs`;
  if (size < 1_000_000) return `${trim(us / 1_000)} ms`;
  return `${Number((us / 1_000_000).toFixed(2))} s`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)));
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
