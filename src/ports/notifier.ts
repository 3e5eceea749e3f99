/**
 * Word that something may have changed, so that nobody has to poll fast. A hint: it can be lost, repeated or late, and
 * whoever waits also looks by themselves now and then.
 */
import type { Delta } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';

export interface Notifier {
  /** A run was queued. */
  queued(): void;
  onQueued(listener: () => void): () => void;
  /** A run's record or events changed. */
  changed(id: RunId): void;
  onChanged(id: RunId, listener: () => void): () => void;
  /** Whether somebody may be waiting for what happens to a run: then its events should not wait long to be committed. */
  watched(id: RunId): boolean;
  /** Somebody began to wait for what happens to a run. */
  onWatched(id: RunId, listener: () => void): () => void;
  /** A run is asked to end. */
  stopping(id: RunId): void;
  onStopping(id: RunId, listener: () => void): () => void;
  /** A piece of a message that is being written; gone if nobody listens. */
  delta(id: RunId, delta: Delta): void;
  onDelta(id: RunId, listener: (delta: Delta) => void): () => void;
}
