/** Who a signed token of Google's says that somebody is. */
import type { UserId } from '../core/ids.ts';

export interface IdentityVerifier {
  /** Whether an identity token is of the account that may call this server's own endpoints, and meant for this server. */
  isInvoker(token: string): Promise<boolean>;
  /** The user whom Identity-Aware Proxy let in; null when the assertion is not genuine, not for us, or has expired. */
  iapUser(assertion: string): Promise<UserId | null>;
}
