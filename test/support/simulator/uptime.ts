/** An uptime of `us` microseconds in FreeSWITCH's words: `0 years, 0 days, 1 hour, 2 minutes, …`. */
export function uptimeWords(us: number): string {
  const seconds = Math.floor(us / 1e6);
  const parts: [number, string][] = [
    [Math.floor(seconds / 31_536_000), 'year'],
    [Math.floor(seconds / 86_400) % 365, 'day'],
    [Math.floor(seconds / 3600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
    [Math.floor(us / 1000) % 1000, 'millisecond'],
    [us % 1000, 'microsecond'],
  ];
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(', ');
}
