/** What may be under way at once: posts, and bytes of their bodies. */
export interface GateLimits {
  posts: number;
  bytes: number;
}

export interface Gate {
  /** Lets a post of so many bytes in and returns the function that lets it out (once), or undefined when it is full. */
  enter(bytes: number): (() => void) | undefined;
  readonly posts: number;
  readonly bytes: number;
}

/** Posts of more than this, which are rare, leave a quarter of the room to all others. */
export const LARGE_BYTES = 1024 * 1024;

/** Bounds the memory that posts hold from their first header until their record is durable, or given up by the bus. */
export function createGate(limits: GateLimits): Gate {
  const inside = { posts: 0, bytes: 0 };
  return {
    get posts() {
      return inside.posts;
    },
    get bytes() {
      return inside.bytes;
    },
    enter: (bytes) => {
      const room = bytes > LARGE_BYTES ? limits.bytes * 0.75 : limits.bytes;
      const fits = inside.posts < limits.posts && inside.bytes + bytes <= room;
      if (!fits && inside.posts > 0) return undefined;
      inside.posts += 1;
      inside.bytes += bytes;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inside.posts -= 1;
        inside.bytes -= bytes;
      };
    },
  };
}
