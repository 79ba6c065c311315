import { useEffect, useRef, useState } from 'preact/hooks';

/** Who listens to a page hears a count that moves all the time no more often than this. */
const EVERY_MS = 15_000;

/** Says to a screen reader what is seen at a glance; it is not shown. */
export function Announced({ text }: { text: string }) {
  const [said, setSaid] = useState(text);
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}
