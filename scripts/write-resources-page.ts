// Writes docs/resources.md from the definitions. `npm run docs`.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { resourcesPage } from './resources/page.ts';

writeFileSync(resolve(import.meta.dirname, '../docs/resources.md'), resourcesPage());
