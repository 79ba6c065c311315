const WIDTH = 96;
const HEIGHT = 24;

/** A small curve from 0 up; its figures are in words for who cannot see it. */
export function Sparkline({ points, what }: { points: readonly number[]; what: string }) {
  if (points.length < 2) return <span class="quiet">–</span>;
  const most = Math.max(1, ...points);
  const step = WIDTH / (points.length - 1);
  const path = points.map(
    (value, index) =>
      `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`,
  );
  const words = `${what}: now ${points.at(-1) ?? 0}, at most ${Math.max(...points)}`;
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <polyline points={path.join(' ')} />
    </svg>
  );
}
