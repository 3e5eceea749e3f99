/** The languages that the dashboard speaks. */
export type Language = 'en' | 'ko';
