/** What an import came to, in files. */
export interface SpoolReport {
  imported: number;
  /** noted or stored before */
  duplicate: number;
  /** taken by a service, which stores each once: new ones and, it cannot say which, others that it had before */
  accepted: number;
  rejected: number;
  /** still being written, cut, or unreadable: left where they are */
  incomplete: number;
  /** too large for the service: left where they are, and tried again by the next run */
  refused: number;
  /** from before the retention, where nothing is stored any more: left where they are */
  expired: number;
}

export function emptyReport(): SpoolReport {
  return { imported: 0, duplicate: 0, accepted: 0, rejected: 0, incomplete: 0, refused: 0, expired: 0 };
}

/** A report in one line. */
export function describeReport(report: SpoolReport): string {
  const { imported, duplicate, accepted, rejected, incomplete, refused, expired } = report;
  const taken = accepted > 0 ? `accepted by the service ${accepted}` : `imported ${imported}`;
  const tooLarge = refused > 0 ? `, refused (too large) ${refused}` : '';
  const past = expired > 0 ? `, expired ${expired}` : '';
  return `${taken}, duplicate ${duplicate}, rejected ${rejected}, incomplete ${incomplete}${tooLarge}${past}`;
}
