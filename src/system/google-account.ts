import { GoogleAuth } from 'google-auth-library';

/**
 * E-mail of the account that this process has at Google, for hints of what to grant to whom; words where it cannot be
 * told. Never rejects: it is asked for when something has failed already.
 */
export const nameOwnAccount = async (): Promise<string> => {
  try {
    return (await new GoogleAuth().getCredentials()).client_email ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
};

const UNKNOWN = "the server's account";
