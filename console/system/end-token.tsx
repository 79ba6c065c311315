import { Dialog } from '../parts/dialog.tsx';
import { ProblemLines } from '../parts/states.tsx';
import { useWork } from '../parts/work.ts';
import { useSession } from '../session.ts';

/** Asks once more, and ends a token for good. */
export function EndToken({ name, onClose }: { name: string; onClose: () => void }) {
  const { api, access } = useSession();
  const { isBusy, problem, run } = useWork();
  const end = () =>
    run(async () => {
      await api.send(`/v1/tokens/${encodeURIComponent(name)}`, { method: 'DELETE' });
      onClose();
    });
  return (
    <Dialog title={`End token ${name}?`} onClose={onClose}>
      <p>Whoever asks with it is refused within a second, in the console and over the api.</p>
      {name === access.name && <p class="note">You are signed in by it: this session ends as well.</p>}
      <p>It cannot be brought back. The changes it made stay in the audit log.</p>
      {problem !== undefined && <ProblemLines problem={problem} />}
      <div class="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="primary" disabled={isBusy} onClick={end}>
          {isBusy ? 'Ending…' : 'End it'}
        </button>
      </div>
    </Dialog>
  );
}
