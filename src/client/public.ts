/** `slipway/client`: what other people's programs may import of this package. */
export {
  type AgentChange,
  type AgentInput,
  type AgentRunInput,
  createClient,
  type Page,
  type RunInput,
  type SlipwayClient,
  type TurnInput,
} from './client.ts';
export type { Spoken } from './converse.ts';
export type { FollowOptions, Heard, WireEvent } from './follow.ts';
export { type ClientOptions, ProblemError, UnreachableError } from './http.ts';
