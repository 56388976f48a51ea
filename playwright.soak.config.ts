/** Tests of an hour or so, run by hand: `npm run test:soak:browser`. */
import { defineConfig } from '@playwright/test';
import base from './playwright.config';

export default defineConfig(base, { testMatch: '**/*.soak.ts', timeout: 3_600_000 });
