const MOST_TRIES = 30;

/**
 * Posts again while the answer is 503, as FreeSWITCH does: a busy disk may take more than the second after which cdr says so.
 * Gives the last status.
 */
export async function untilTaken(post: () => Promise<number>): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const status = await post();
    if (status !== 503 || tries === MOST_TRIES) return status;
  }
}
