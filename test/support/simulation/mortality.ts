/** How many calls a process has left, and whether the last one still takes effect. */
export interface Life {
  left: number;
  readonly when: 'before' | 'after';
}

const forever = new Promise<never>(() => undefined);

/**
 * An adapter as a process sees it that is killed at a certain call: from then on no call of it ever answers, which is
 * what the rest of the world sees of a `kill -9`.
 */
export const dieAt = <Port extends object>(port: Port, life: Life): Port =>
  new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        life.left -= 1;
        if (life.left < -1 || (life.left < 0 && life.when === 'before')) return forever;
        const answer: unknown = Reflect.apply(member, target, args);
        if (life.left >= 0) return answer;
        return Promise.resolve(answer).then(() => forever);
      };
    },
  });

/** Adapters as a process sees them that is stopped for a while: calls made meanwhile are carried out afterwards. */
export const createFrost = () => {
  let frozen: PromiseWithResolvers<void> | null = null;
  return {
    freeze: (): void => {
      frozen ??= Promise.withResolvers();
    },
    thaw: (): void => {
      frozen?.resolve();
      frozen = null;
    },
    over: <Port extends object>(port: Port): Port =>
      new Proxy(port, {
        get: (target, name, receiver) => {
          const member: unknown = Reflect.get(target, name, receiver);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            const call = (): unknown => Reflect.apply(member, target, args);
            return frozen === null ? call() : frozen.promise.then(call);
          };
        },
      }),
  };
};
