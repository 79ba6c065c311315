import { Moment } from '../time/moment.tsx';
import type { LinkState } from './live-feed.ts';

/** Says since when the numbers are old. */
export function LinkNotice({ link }: { link: LinkState }) {
  if (link.is !== 'lost') return null;
  return (
    <p class="old-numbers" role="status">
      <strong>
        The stream was lost at <Moment us={link.since * 1_000} only="time" />:
      </strong>{' '}
      what moves here is as it was then. Trying again.
    </p>
  );
}
