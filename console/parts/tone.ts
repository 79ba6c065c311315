/** How something is: colour and shape both tell it. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'off';
