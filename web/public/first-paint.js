// Before the first paint, so that nothing flashes: the theme and the language that were chosen, or the system's.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`slipway.${name}`);
    } catch {
      return null;
    }
  };
  const theme = kept('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : dark ? 'dark' : 'light';
  const language = kept('language') ?? navigator.language;
  root.lang = language.startsWith('ko') ? 'ko' : 'en';
})();
