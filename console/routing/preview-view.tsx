import type { Explanation, RoutingPreview } from '../api/contract.ts';
import { type Decision, tellDecision } from './explanation.ts';

const told = ({ decision }: Explanation): string => `${tellDecision(decision as Decision).join('; ')}.`;

/** What a change would do to the call that is explained above. */
export function PreviewView({ preview: { before, after } }: { preview: RoutingPreview }) {
  const isSame = told(before) === told(after) && told(before) !== '';
  return (
    <section class="preview" aria-label="What it would do">
      <h3>{isSame ? 'This call would go where it goes now' : 'This call would go elsewhere'}</h3>
      <dl class="fields">
        <div>
          <dt>Now</dt>
          <dd>{told(before)}</dd>
        </div>
        {!isSame && (
          <div>
            <dt>With the change</dt>
            <dd>
              <strong>{told(after)}</strong>
            </dd>
          </div>
        )}
      </dl>
      <p class="quiet">Nothing is stored yet.</p>
    </section>
  );
}
