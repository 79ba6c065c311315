/** Why a node is followed here no more. */
export type Unfollowing =
  | 'removed'
  | 'disabled'
  | 'given to another collector'
  | 'its address or password changed'
  | 'its collector was stopped';
