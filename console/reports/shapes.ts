/** The figures of one group of calls; null where there was nothing to measure. */
export interface Figures {
  attempts: number;
  answered: number;
  asr: number | null;
  acd: number | null;
  ner: number | null;
  pdd_p50_ms: number | null;
  pdd_p95_ms: number | null;
  minutes: number;
  mos: number | null;
}

interface ReportHead {
  from: string;
  to: string;
  tz: string;
  /** false: there are days with calls and without sums */
  complete: boolean;
  missing: { days: number; first: string | null; last: string | null };
}

export interface KpiLine {
  step: string | null;
  by: Record<string, string | null>;
  figures: Figures;
  before?: Figures | null;
}

export interface Kpis extends ReportHead {
  before: { from: string; to: string } | null;
  items: KpiLine[];
  more: boolean;
}

export interface Concurrency extends ReportHead {
  items: { step: string; calls: number }[];
}
