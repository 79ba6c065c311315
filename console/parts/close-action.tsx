/** The one thing to do with a dialog that only tells something. */
export function CloseAction({ onClose }: { onClose: () => void }) {
  return (
    <div class="actions">
      <button type="button" class="primary" onClick={onClose}>
        Close
      </button>
    </div>
  );
}
