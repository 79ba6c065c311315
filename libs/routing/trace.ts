/** One thing that was considered, and what came of it. */
export interface Step {
  about: 'did' | 'trunk' | 'node' | 'call';
  subject: string;
  verdict: string;
  /** the figures that decided */
  figures?: Readonly<Record<string, unknown>> | undefined;
}

/** What a decision writes down when somebody wants to know why. */
export interface Trace {
  readonly steps: readonly Step[];
  note(about: Step['about'], subject: string, verdict: string, figures?: Step['figures']): void;
}

export function createTrace(): Trace {
  const steps: Step[] = [];
  return {
    steps,
    note: (about, subject, verdict, figures) => {
      steps.push(figures === undefined ? { about, subject, verdict } : { about, subject, verdict, figures });
    },
  };
}
