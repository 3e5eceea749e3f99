/**
 * What the server says, for the reader. Its texts are English. In another language a text stands in their place, found
 * by the code where there is one, and the English is kept beneath as the detail.
 */
import { ProblemError, UnreachableError } from '../../../src/client/http.ts';
import type { Language } from './language.ts';
import {
  FAILURES_KO,
  FORMS_KO,
  namespaceKo,
  PROBLEMS_KO,
  SKIPPED_KO,
  STOPS_KO,
  TEXTS_KO,
  TURN_KEPT_KO,
  TURNS_KO,
} from './server-ko.ts';

export interface Said {
  readonly text: string;
  /** The server's own English, where `text` is in another language; null where `text` is it. */
  readonly detail: string | null;
}

const UNREACHABLE_KO = '서버에 연결할 수 없습니다.';

const found = <Code extends string>(table: { readonly [Key in Code]: string }, code: string): string | undefined =>
  new Map<string, string>(Object.entries(table)).get(code);

const together = (text: string, hint: string | null | undefined): string =>
  hint === null || hint === undefined ? text : `${text}${/[.!?…)]$/.test(text) ? '' : '.'} ${hint}`;

const said = (language: Language, english: string, korean: string | undefined): Said =>
  language === 'ko' && korean !== undefined ? { text: korean, detail: english } : { text: english, detail: null };

/** Of a request that failed: what happened, and what to do. */
export const saidOfError = (error: unknown, language: Language): Said => {
  if (error instanceof ProblemError) {
    return said(language, together(error.message, error.hint), found(PROBLEMS_KO, error.code));
  }
  const english = error instanceof Error ? error.message : String(error);
  return said(language, english, error instanceof UnreachableError ? UNREACHABLE_KO : undefined);
};

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Of a run that did not succeed. */
export const saidOfFailure = (failure: Failure, language: Language): Said =>
  said(
    language,
    together(failure.message, failure.hint),
    (failure.code === 'skipped' ? SKIPPED_KO.find(([form]) => form.test(failure.message))?.[1] : undefined) ??
      found(FAILURES_KO, failure.code),
  );

/** Of a message without an answer. The server's text is in the message's language, which may be the reader's. */
export const saidOfTurn = (failure: Failure, language: Language): Said => {
  const korean = found(TURNS_KO, failure.code) ?? found(FAILURES_KO, failure.code);
  const isKorean = /\p{Script=Hangul}/u.test(failure.message);
  return said(
    language,
    together(failure.message, failure.hint),
    isKorean || korean === undefined ? undefined : `${korean} ${TURN_KEPT_KO}`,
  );
};

/** Of a run that is being ended. */
export const saidOfStop = (reason: string, detail: string | null, language: Language): Said =>
  said(language, detail === null ? reason : `${reason}: ${detail}`, found(STOPS_KO, reason));

/** A short text without a code: its translation, or itself. */
export const translate = (text: string, language: Language): string => {
  if (language === 'en') return text;
  const namespace = /^(\w+) namespace$/.exec(text)?.[1];
  if (namespace !== undefined) return namespaceKo(namespace);
  const form = FORMS_KO.find(([known]) => known.test(text));
  return TEXTS_KO.get(text) ?? (form === undefined ? text : text.replace(...form));
};
