/** Colours and type of the app. The accent is a pine green; every text colour keeps at least 4.5 : 1 on its ground. */
import { Badge, createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = [
  '#e8f6f2',
  '#cfeae2',
  '#a3d6c8',
  '#72c0ac',
  '#4cae95',
  '#2f9a80',
  '#1b8169',
  '#0d6b56',
  '#0a5a48',
  '#064638',
];

/** Greys with a trace of the accent, darker at 6 and 7 than the library's so that they can carry text. */
const gray: MantineColorsTuple = [
  '#f5f7f5',
  '#eef2ef',
  '#e3e9e5',
  '#d3dbd6',
  '#bcc7c1',
  '#94a19a',
  '#66736e',
  '#53605b',
  '#3d4a45',
  '#17201d',
];

/** The dark grounds, lightest (text) first, with the same trace of green. */
const dark: MantineColorsTuple = [
  '#e6ece9',
  '#c5cfca',
  '#a5b2ac',
  '#8f9c96',
  '#3c4743',
  '#2a3330',
  '#202826',
  '#171d1b',
  '#121715',
  '#0d110f',
];

export const theme = createTheme({
  colors: { pine, gray, dark },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  fontFamily: 'ui-sans-serif, "Inter", "Segoe UI", system-ui, -apple-system, sans-serif',
  headings: {
    fontFamily: 'ui-sans-serif, "Inter", "Segoe UI", system-ui, -apple-system, sans-serif',
    fontWeight: '650',
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  focusRing: 'auto',
  components: { Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }) },
});

/**
 * Our own variables beside Mantine's; those of Mantine that miss AA contrast are set darker (or lighter in the dark).
 */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#17201d',
    '--mantine-color-default-color': '#17201d',
    '--mantine-color-dimmed': '#53605b',
    '--mantine-color-placeholder': '#66736e',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': '#0d6b56',
    '--mantine-color-red-light-color': '#9c1c16',
    '--mantine-color-red-outline': '#9c1c16',
    '--mantine-color-yellow-light-color': '#7a4b00',
    '--mantine-color-gray-light-color': '#3d4a45',
    '--mantine-color-pine-light-color': '#0a5a48',
    '--mantine-color-pine-outline': '#0d6b56',
    '--tt-ground': '#f5f7f4',
    '--tt-sunken': '#f2f5f2',
    '--tt-line': '#dde4df',
    '--tt-rail': '#e3e9e5',
    '--tt-muted': '#53605b',
    '--tt-focus': '#0d6b56',
    '--tt-tuned': '#0d6b56',
    '--tt-base': '#7c8a93',
    '--tt-valid': '#b4540a',
    '--tt-heat': '13, 107, 86',
    '--tt-wrong': '179, 38, 30',
  },
  dark: {
    '--mantine-color-body': '#171d1b',
    '--mantine-color-text': '#e6ece9',
    '--mantine-color-dimmed': '#a5b2ac',
    '--mantine-color-placeholder': '#8f9c96',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-anchor': '#72c0ac',
    '--mantine-color-red-light-color': '#ffb4ac',
    '--mantine-color-red-outline': '#ffb4ac',
    '--mantine-color-yellow-light-color': '#ffd48a',
    '--mantine-color-gray-light-color': '#cfd8d3',
    '--mantine-color-pine-light-color': '#a3d6c8',
    '--mantine-color-pine-outline': '#72c0ac',
    '--mantine-color-default': '#202826',
    '--mantine-color-default-color': '#e6ece9',
    '--mantine-color-default-hover': '#29322f',
    '--mantine-color-default-border': '#3c4743',
    '--tt-ground': '#101513',
    '--tt-sunken': '#1f2724',
    '--tt-line': '#313b37',
    '--tt-rail': '#2c3532',
    '--tt-muted': '#a5b2ac',
    '--tt-focus': '#72c0ac',
    '--tt-tuned': '#4cae95',
    '--tt-base': '#8d9ba4',
    '--tt-valid': '#f0a35e',
    '--tt-heat': '76, 174, 149',
    '--tt-wrong': '240, 110, 100',
  },
});
