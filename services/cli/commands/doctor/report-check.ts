import { type Finding, findings } from './check.ts';
import type { ReportFacts } from './report-facts.sql.ts';

const GRANTS = 'docs/reporting.md has the grants';

/** Judges what reports need of the database. */
export function checkReports({ reportRole, findsPrefixes }: ReportFacts): Finding[] {
  const { found, warning } = findings('database');
  if (reportRole === 'missing')
    warning('has no role switchfleet_report', `a superuser creates it, and grants follow: ${GRANTS}`);
  if (reportRole === 'blind')
    warning(
      'role switchfleet_report may not read all of schema report',
      `it was made after the migrations: ${GRANTS}`,
    );
  if (!findsPrefixes)
    warning(
      'its collation is not C: reports by the beginning of a number read whole months',
      'docs/reporting.md says which indexes help',
    );
  return found;
}
