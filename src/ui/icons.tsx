/**
 * The app's icons, drawn on a 24 × 24 grid; always beside a text or an accessible name, so hidden from screen readers.
 */
import type { ReactNode } from 'react';

const PATHS = {
  start: <path d="M4 11.5 12 5l8 6.5M6.5 10v9h11v-9" />,
  data: <path d="M4 6h16v12H4zM4 10.5h16M4 14.5h16M10 6v12" />,
  model: <path d="M12 4l7 4v8l-7 4-7-4V8zM12 12l7-4M12 12v8M12 12L5 8" />,
  train: <path d="M4 5v14h16M7.5 8.5c2 6 5 7 11 7.5" />,
  evaluate: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  try: <path d="M5 6h14v9H11l-4 4v-4H5z" />,
  export: <path d="M12 4v10M8 10.5l4 4 4-4M5 19h14" />,
  runs: <path d="M12 7v5l3.5 2M12 4a8 8 0 1 1-7.4 5M4 5v4h4" />,
  settings: <path d="M5 8h8M17 8h2M5 16h2M11 16h8M15 6v4M9 14v4" />,
  sun: (
    <path
      d={
        'M12 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 ' +
        '1.4M5.6 18.4 7 17M17 7l1.4-1.4'
      }
    />
  ),
  moon: <path d="M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z" />,
  auto: <path d="M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16" />,
  chip: <path d="M7 7h10v10H7zM10 4v3M14 4v3M10 17v3M14 17v3M4 10h3M4 14h3M17 10h3M17 14h3" />,
  lock: <path d="M6 11h12v8H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />,
  warning: <path d="M12 4.5 20.5 19h-17zM12 10v4.5M12 16.7v.3" />,
  upload: <path d="M12 16V6M8 9.5l4-4 4 4M5 19h14" />,
  paste: <path d="M8 6H6v14h12V6h-2M9 4.5h6V8H9z" />,
  play: <path d="M8 5.5v13l10.5-6.5z" />,
  pause: <path d="M8.5 6v12M15.5 6v12" />,
  stop: <path d="M7 7h10v10H7z" />,
  close: <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />,
  folder: <path d="M4 6h5.5l2 2.5H20V18H4z" />,
  search: <path d="M10.5 5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM15 15l4.5 4.5" />,
  trash: <path d="M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6" />,
  table: <path d="M4 6h16v12H4zM4 10h16M4 14h16M9.3 6v12" />,
  right: <path d="M9.5 6l6 6-6 6" />,
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

/** @param size in CSS pixels */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {PATHS[name]}
    </svg>
  );
}
