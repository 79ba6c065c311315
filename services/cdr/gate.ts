/** What may be under way at once: posts, and bytes of their bodies. */
export interface GateLimits {
  posts: number;
  bytes: number;
}

/** A post that was let in before anybody knew how large it is. */
export interface Growing {
  /** Gives it room for so many more bytes; false when there is none, and it keeps what it had. */
  grow(bytes: number): boolean;
  /** Lets it out, once, with all its bytes. */
  leave(): void;
}

export interface Gate {
  /** Lets a post of so many bytes in and returns the function that lets it out (once), or undefined when it is full. */
  enter(bytes: number): (() => void) | undefined;
  /** As `enter`, for a post that has so many bytes to begin with. */
  enterGrowing(bytes: number): Growing | undefined;
  readonly posts: number;
  readonly bytes: number;
}

/** Posts of more than this, which are rare, leave a quarter of the room to all others. */
export const LARGE_BYTES = 1024 * 1024;

/** Bounds the memory that posts hold from their first header until their record is durable, or given up by the bus. */
export function createGate(limits: GateLimits): Gate {
  const inside = { posts: 0, bytes: 0 };

  /** Whether there are so many bytes left for a post that has `total` with them. */
  function hasRoom(bytes: number, total: number): boolean {
    const room = total > LARGE_BYTES ? limits.bytes * 0.75 : limits.bytes;
    return inside.bytes + bytes <= room;
  }

  function enter(bytes: number): (() => void) | undefined {
    const fits = inside.posts < limits.posts && hasRoom(bytes, bytes);
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
  }

  function enterGrowing(first: number): Growing | undefined {
    const leaveFirst = enter(first);
    if (leaveFirst === undefined) return undefined;
    let grown = 0;
    let left = false;
    return {
      grow: (bytes) => {
        // one that is alone is let in whatever its size, so it may as well grow
        if (left || (inside.posts > 1 && !hasRoom(bytes, first + grown + bytes))) return false;
        grown += bytes;
        inside.bytes += bytes;
        return true;
      },
      leave: () => {
        if (left) return;
        left = true;
        inside.bytes -= grown;
        leaveFirst();
      },
    };
  }

  return {
    get posts() {
      return inside.posts;
    },
    get bytes() {
      return inside.bytes;
    },
    enter,
    enterGrowing,
  };
}
