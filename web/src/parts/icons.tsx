/** Icons as small drawings of our own, in one style: 16 × 16, drawn in the colour of the text. */
const PATHS = {
  home: 'M2.5 7.5 8 2.8l5.5 4.7M4 6.5v6.7h8V6.5M6.7 13V9.4h2.6V13',
  chat: 'M2.5 3.5h11v7.2H7.6L4.7 13.2v-2.5H2.5z',
  agents: 'M3.5 6h9v7h-9zM8 6V3.2M6.2 9.2v.9M9.8 9.2v.9M1.8 8.5v2.4M14.2 8.5v2.4',
  runs: 'M4.5 3v10l8.2-5z',
  usage: 'M2.5 13.5h11M4.2 11V8.2M8 11V3.5M11.8 11V6',
  settings: 'M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3',
  check: 'm3.2 8.4 3.1 3.1 6.5-7',
  cross: 'm4 4 8 8m0-8-8 8',
  alert: 'M8 2.6 14 13H2zM8 6.6v3M8 11.1v.4',
  clock: 'M8 2.3a5.7 5.7 0 1 1 0 11.4A5.7 5.7 0 0 1 8 2.3M8 5v3.2l2.1 1.3',
  spinner: 'M8 2.3a5.7 5.7 0 1 1-5.7 5.7',
  skip: 'M3.5 4v8l5-4zM8.5 4v8l5-4z',
  stop: 'M4.2 4.2h7.6v7.6H4.2z',
  retry: 'M12.9 6.3A5.2 5.2 0 1 0 13.2 9M13.3 3v3.5H9.8',
  wand: 'm3 13 7-7M9.2 3.4l.4 1.7M12.6 6.5l-1.7-.4M12.8 3.2l-1 1M6.2 4.2h.01M12 9.5h.01',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  trash: 'M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  down: 'M8 3v9M4.3 8.5 8 12.2l3.7-3.7',
  chevron: 'm6 4 4 4-4 4',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  terminal: 'm3.5 5 3 3-3 3M8 11.5h4.5',
  pencil: 'M3.2 12.8l.6-2.8 6.8-6.8 2.2 2.2L6 12.2z',
  eye: 'M1.8 8S4 3.9 8 3.9 14.2 8 14.2 8 12 12.1 8 12.1 1.8 8 1.8 8M8 6.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4',
  tool: 'M9.8 3a3 3 0 0 0-2.5 4.3L3 11.6 4.4 13l4.3-4.3A3 3 0 0 0 12.6 5l-1.9 1.9-1.6-1.6L11 3.4A3 3 0 0 0 9.8 3',
  thought: 'M8 2.5a4 4 0 0 0-2.3 7.3v1.7h4.6V9.8A4 4 0 0 0 8 2.5M6.3 13.5h3.4',
  lock: 'M4 7.2h8v5.8H4zM5.7 7.2V5.3a2.3 2.3 0 0 1 4.6 0v1.9',
  search: 'M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4M10.2 10.2l3.3 3.3',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  plus: 'M8 3v10M3 8h10',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1',
  moon: 'M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.4',
  globe: 'M8 2.3a5.7 5.7 0 1 1 0 11.4A5.7 5.7 0 0 1 8 2.3M2.5 8h11M8 2.4c-4 3.4-4 7.8 0 11.2 4-3.4 4-7.8 0-11.2',
  copy: 'M5.5 5.5h7.2v7.2H5.5zM3.3 10.2V3.3h6.9',
  info: 'M8 2.3a5.7 5.7 0 1 1 0 11.4A5.7 5.7 0 0 1 8 2.3M8 7.3v3.4M8 5.1v.3',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it means stands beside it as text. */
export const Icon = ({ name, className = '' }: { readonly name: IconName; readonly className?: string }) => (
  <svg
    viewBox="0 0 16 16"
    aria-hidden="true"
    className={`size-4 shrink-0 ${className}`}
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    <path d={PATHS[name]} />
  </svg>
);
