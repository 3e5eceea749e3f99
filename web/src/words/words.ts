import { type Language, useLanguage } from '../lib/preferences.ts';
import { en, type Words } from './en.ts';
import { ko } from './ko.ts';

const WORDS: { readonly [Key in Language]: Words } = { en, ko };

/** The dashboard's words in the language that was chosen. */
export const useWords = (): Words => WORDS[useLanguage()];
