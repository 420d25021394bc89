import { ensureClientTypes, ensureInstalled } from './setup.mjs';

ensureInstalled();
ensureClientTypes();
