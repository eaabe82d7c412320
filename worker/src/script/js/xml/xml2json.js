// The global xml2Json(text) of Postman: xml2js without arrays for single children, attributes under `$`, text
// trimmed, and under `_` if there are attributes or children next to it. A text that is not XML is reported
// on the console and returns undefined.

const { parseString } = require('vayu:xml/xml2js');

const OPTIONS = { explicitArray: false, mergeAttrs: false, async: false, trim: true };

module.exports = function xml2Json(text) {
  let object;
  parseString(text, OPTIONS, (error, result) => {
    if (error) console.error(error.message);
    object = result;
  });
  return object;
};
