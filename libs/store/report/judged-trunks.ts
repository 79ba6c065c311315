import type { KpiRow } from './kpi-report.ts';

/** The trunks that had enough calls to judge them by; a mean of too few MOS is no figure. */
export function judgedTrunks(rows: readonly KpiRow[], least: number): KpiRow[] {
  return rows
    .filter(({ by, figures }) => by.trunk !== null && figures.attempts >= least)
    .map((row) =>
      row.figures.mos_samples >= least ? row : { ...row, figures: { ...row.figures, mos: null } },
    );
}
