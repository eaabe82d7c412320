// The libraries that are compared, with the share each has of the scripts.

import { ajv, tv4 } from './schema.mjs';
import { chai } from './chai.mjs';
import { cheerio } from './cheerio.mjs';
import { collection } from './collection.mjs';
import { base64, cryptoJs, uuid } from './crypto.mjs';
import { lodash, lodash3 } from './lodash.mjs';
import { moments } from './moment.mjs';

export const LIBRARIES = {
  chai: { make: chai, share: 4 },
  lodash: { make: lodash, share: 5 },
  lodash3: { make: lodash3, share: 2 },
  moment: { make: moments, share: 3 },
  ajv: { make: ajv, share: 2 },
  tv4: { make: tv4, share: 1 },
  cheerio: { make: cheerio, share: 2 },
  collection: { make: collection, share: 2 },
  'crypto-js': { make: cryptoJs, share: 1 },
  uuid: { make: uuid, share: 0.3 },
  base64: { make: base64, share: 0.3 },
};
