import { useState } from 'preact/hooks';
import type { NodeOrder } from '../api/contract.ts';
import type { FleetNode } from '../api/shapes.ts';
import { CloseAction } from '../parts/close-action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useWork } from '../parts/work.ts';
import { useSession } from '../session.ts';
import type { Order } from './node-state.ts';

/** An order that somebody is about to give. */
export interface Asked {
  node: FleetNode;
  order: Order;
}

/** Says what an order will do, gives it, and says what it did. */
export function OrderDialog({ asked: { node, order }, onClose }: { asked: Asked; onClose: () => void }) {
  const { api } = useSession();
  const { isBusy, problem, run } = useWork();
  const [answer, setAnswer] = useState<NodeOrder>();
  const [pauses, setPauses] = useState(false);
  const give = () => {
    const path = `/v1/nodes/${encodeURIComponent(node.switchname)}/${order.name}${pauses ? '?pause=true' : ''}`;
    return run(async () => setAnswer(await api.ask<NodeOrder>(path, { method: 'POST' })));
  };
  if (answer !== undefined) return <Outcome answer={answer} label={order.label} onClose={onClose} />;
  return (
    <Dialog title={`${order.label} ${node.switchname}?`} onClose={onClose}>
      {order.consequences(node).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {order.pauseLabel !== undefined && (
        <label class="check">
          <input type="checkbox" checked={pauses} onChange={() => setPauses(!pauses)} /> {order.pauseLabel}
        </label>
      )}
      {problem !== undefined && (
        <p class="failure-line" role="alert">
          {problem.message}
        </p>
      )}
      <div class="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="primary" disabled={isBusy} onClick={give}>
          {isBusy ? 'Ordering…' : order.label}
        </button>
      </div>
    </Dialog>
  );
}

function Outcome({ answer, label, onClose }: { answer: NodeOrder; label: string; onClose: () => void }) {
  const { switchname, state, before, kamailios } = answer;
  return (
    <Dialog title={`${label} ${switchname}`} onClose={onClose}>
      <p role="status">
        {switchname} was {before} and is {state}.
      </p>
      {kamailios.length > 0 && (
        <ul>
          {kamailios.map(({ host, problem }) => (
            <li key={host}>
              Kamailio {host}: {problem === null ? 'told' : `not told: ${problem}`}
            </li>
          ))}
        </ul>
      )}
      <CloseAction onClose={onClose} />
    </Dialog>
  );
}
