import { uuidv7 } from '../core/ids.ts';
import type { Clock, Random } from '../ports/clock.ts';

/** A fresh UUIDv7, branded as the caller's kind of id. */
export const newId = <Id extends string>({ clock, random }: { readonly clock: Clock; readonly random: Random }): Id =>
  uuidv7(clock.now(), random.bytes(10)) as Id;
