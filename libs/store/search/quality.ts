import { type Fragment, raw } from '../fragment.ts';
import { TOLERANCE } from '../same-leg.sql.ts';

/** What a call can suffer from. The limits are in QUALITY_LIMITS and in docs/search.md. */
export const QUALITY_TAGS = ['one-way', 'low-mos', 'jitter', 'loss', 'short', 'long-pdd'] as const;
export type QualityTag = (typeof QUALITY_TAGS)[number];

export const QUALITY_LIMITS = {
  /** MOS below this is low */
  mos: 3.6,
  /** greatest variance of the time between packets, ms² as FreeSWITCH reports it (rtp_audio_in_jitter_max_variance) */
  jitterVariance: 900,
  /** packets missing, percent of those that should have come */
  lossPercent: 2,
  /** an answered call with less talk than this is short, s */
  shortSeconds: 6,
  /** a leg with less talk than this proves nothing about its audio, s */
  audioSeconds: 3,
  /** ms */
  pddMs: 8_000,
} as const;

/** `cdr` variables are texts that a switch wrote: only plain numbers are read. */
const number = (name: string) =>
  `(case when d.variables->>'${name}' ~ '^[0-9]{1,9}([.][0-9]{1,9})?$' then (d.variables->>'${name}')::float8 end)`;

/**
 * CDRs of the call's own legs. They begin while the call is up: that names their partitions. A uuid alone may be that of another
 * call's leg, too; which leg a CDR is of is asked last, of the few that suffer.
 */
const ofCdr = (condition: string) =>
  raw(`exists (
    select from cdr d where d.uuid = any(c.legs)
      and d.start_at >= c.start_at - ${TOLERANCE} and d.start_at <= coalesce(c.end_at, now()) + ${TOLERANCE}
      and d.answer_at is not null and d.billsec >= ${QUALITY_LIMITS.audioSeconds} and ${condition}
      and exists (select from legs l where l.uuid = d.uuid and l.call_id = c.id
        and l.start_at between d.start_at - ${TOLERANCE} and d.start_at + ${TOLERANCE}))`);

const CONDITIONS: Record<QualityTag, Fragment> = {
  'one-way': ofCdr('(d.rtp_audio_in_packet_count = 0) <> (d.rtp_audio_out_packet_count = 0)'),
  'low-mos': raw(`c.mos < ${QUALITY_LIMITS.mos}`),
  jitter: ofCdr(`${number('rtp_audio_in_jitter_max_variance')} > ${QUALITY_LIMITS.jitterVariance}`),
  loss: ofCdr(
    `(${number('rtp_audio_in_jitter_loss_rate')} > ${QUALITY_LIMITS.lossPercent} or ${number('rtp_audio_in_skip_packet_count')} * 100
      > ${QUALITY_LIMITS.lossPercent} * (${number('rtp_audio_in_skip_packet_count')} + d.rtp_audio_in_packet_count))`,
  ),
  short: raw(`(c.answer_at is not null and c.billsec < ${QUALITY_LIMITS.shortSeconds})`),
  'long-pdd': raw(`c.pdd_ms > ${QUALITY_LIMITS.pddMs}`),
};

/** The condition of one tag on `calls c`. */
export const qualityCondition = (tag: QualityTag): Fragment => CONDITIONS[tag];
