import { useState } from 'preact/hooks';
import type { Role } from '../api/shapes.ts';
import { CloseAction } from '../parts/close-action.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemLines } from '../parts/states.tsx';
import { useWork } from '../parts/work.ts';
import { useSession } from '../session.ts';
import { toInstant } from '../time/instant.ts';

const DAY_US = 86_400_000_000;
const ROLES: readonly (readonly [role: Role, may: string])[] = [
  ['analyst', 'looks at calls and reports'],
  ['operator', 'configures as well'],
  ['admin', 'also tenants, tokens and the audit log'],
];

/** Asks what a token is for, and shows it once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { api } = useSession();
  const { isBusy, problem, run } = useWork();
  const [token, setToken] = useState<string>();
  const make = (event: Event) => {
    event.preventDefault();
    const body = readForm(new FormData(event.currentTarget as HTMLFormElement), Date.now() * 1_000);
    void run(async () => {
      const made = await api.ask<{ token: string | null }>('/v1/tokens', { method: 'POST', body });
      setToken(made.token ?? '');
    });
  };
  if (token !== undefined) return <Shown token={token} onClose={onClose} />;
  return (
    <Dialog title="New token" onClose={onClose}>
      <form class="fields-form" onSubmit={make}>
        <label>
          What it is for
          <input name="name" required maxLength={64} placeholder="a name such as billing" />
        </label>
        <label>
          Role
          <select name="role">
            {ROLES.map(([role, may]) => (
              <option key={role} value={role}>
                {role}: {may}
              </option>
            ))}
          </select>
        </label>
        <label>
          Tenant
          <input name="tenant" maxLength={64} placeholder="the whole fleet" />
        </label>
        <label>
          Days
          <input name="days" type="number" min={1} max={36_500} placeholder="until it is ended" />
        </label>
        {problem !== undefined && <ProblemLines problem={problem} />}
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Making…' : 'Make it'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function readForm(data: FormData, nowUs: number): Record<string, string> {
  const textOf = (name: string) => String(data.get(name) ?? '').trim();
  const [tenant, days] = [textOf('tenant'), textOf('days')];
  return {
    name: textOf('name'),
    role: textOf('role'),
    ...(tenant === '' ? {} : { tenant }),
    ...(days === '' ? {} : { expires_at: toInstant(nowUs + Number(days) * DAY_US) }),
  };
}

function Shown({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Dialog title="The token is made" onClose={onClose}>
      <p role="status">It is shown only now:</p>
      <p>
        <code class="secret">{token}</code> <CopyButton text={token} what="the token" />
      </p>
      <CloseAction onClose={onClose} />
    </Dialog>
  );
}
