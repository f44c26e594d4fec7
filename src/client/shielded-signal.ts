/** A signal that follows another one until something begins that must not be interrupted. */
export interface ShieldedSignal {
  readonly signal: AbortSignal;
  /** From now on the other signal changes nothing. */
  shield(): void;
  /** From now on the other signal is followed again. */
  unshield(): void;
}

/**
 * Makes such a signal; it follows `outer` at first.
 *
 * @param onHeld called when `outer` is aborted in vain
 */
export function shieldedSignal(outer: AbortSignal, onHeld: () => void): ShieldedSignal {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  const unshield = (): void => {
    outer.removeEventListener("abort", onHeld);
    if (outer.aborted) follow();
    else outer.addEventListener("abort", follow, { once: true });
  };
  unshield();
  return {
    signal: controller.signal,
    shield: () => {
      outer.removeEventListener("abort", follow);
      outer.addEventListener("abort", onHeld, { once: true });
    },
    unshield,
  };
}
