/** What a server measured of the audio of one leg, as its CDR has it; null where it says nothing. */
export interface Heard {
  codec: string | null;
  /** the greatest variance of the time between packets, ms² */
  jitterMax: number | null;
  lossPercent: number | null;
  /** packets */
  received: number | null;
  sent: number | null;
}

/** Reads a decoded CDR. FreeSWITCH names what it received `in`, without a packet its figures mean nothing. */
export function heardOf(document: Readonly<Record<string, unknown>>): Heard {
  const variables = (document['variables'] ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string) => {
    const value = variables[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const number = (name: string) => {
    const value = Number(text(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  const received = number('rtp_audio_in_packet_count');
  const isHeard = (received ?? 0) > 0;
  return {
    codec: text('read_codec'),
    received,
    sent: number('rtp_audio_out_packet_count'),
    jitterMax: isHeard ? number('rtp_audio_in_jitter_max_variance') : null,
    lossPercent: isHeard ? number('rtp_audio_in_jitter_loss_rate') : null,
  };
}
