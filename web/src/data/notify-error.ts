import { currentLanguage } from '../lib/preferences.ts';
import { notifyFailure } from '../lib/toasts.ts';
import { saidOfError } from '../words/said.ts';

/** Tells that a request failed, in the reader's language. */
export const notifyError = (error: unknown): void => notifyFailure(saidOfError(error, currentLanguage()));
