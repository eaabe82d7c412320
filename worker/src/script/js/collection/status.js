// Status codes: their names in Postman's library, and their descriptions. Codes that are not listed have
// neither.

const NAMES = {
  100: 'Continue', 101: 'Switching Protocols', 102: 'Processing (WebDAV) (RFC 2518)', 103: 'Checkpoint',
  122: 'Request-URI too long', 200: 'OK', 201: 'Created', 202: 'Accepted',
  203: 'Non-Authoritative Information (since HTTP/1.1)', 204: 'No Content', 205: 'Reset Content',
  206: 'Partial Content', 207: 'Multi-Status (WebDAV) (RFC 4918)',
  208: 'Already Reported (WebDAV) (RFC 5842)', 226: 'IM Used (RFC 3229)', 300: 'Multiple Choices',
  301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 304: 'Not Modified',
  305: 'Use Proxy (since HTTP/1.1)', 306: 'Switch Proxy', 307: 'Temporary Redirect (since HTTP/1.1)',
  308: 'Resume Incomplete', 400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required',
  403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  407: 'Proxy Authentication Required', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone',
  411: 'Length Required', 412: 'Precondition Failed', 413: 'Request Entity Too Large',
  414: 'Request-URI Too Long', 415: 'Unsupported Media Type', 416: 'Requested Range Not Satisfiable',
  417: 'Expectation Failed', 418: "I'm a teapot (RFC 2324)",
  422: 'Unprocessable Entity (WebDAV) (RFC 4918)', 423: 'Locked (WebDAV) (RFC 4918)',
  424: 'Failed Dependency (WebDAV) (RFC 4918)', 425: 'Unordered Collection (RFC 3648)',
  426: 'Upgrade Required (RFC 2817)', 428: 'Precondition Required', 429: 'Too Many Requests',
  431: 'Request Header Fields Too Large', 444: 'No Response', 449: 'Retry With',
  450: 'Blocked by Windows Parental Controls', 499: 'Client Closed Request', 500: 'Internal Server Error',
  501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported', 506: 'Variant Also Negotiates (RFC 2295)',
  507: 'Insufficient Storage (WebDAV) (RFC 4918)', 508: 'Loop Detected (WebDAV) (RFC 5842)',
  509: 'Bandwidth Limit Exceeded (Apache bw/limited extension)', 510: 'Not Extended (RFC 2774)',
  511: 'Network Authentication Required', 598: 'Network read timeout error',
  599: 'Network connect timeout error[23]',
};

const CLASSES = {
  1: 'An interim answer: the final one is yet to come.',
  2: 'The server understood the request and did what it asks for.',
  3: 'The client has to take a further step to complete the request.',
  4: 'The server considers the request invalid and did not process it.',
  5: 'The server could not carry out a request that may well be valid.',
};

const DETAILS = {
  200: 'The request succeeded; what the body holds depends on its method.',
  201: 'The request created a new resource.',
  202: 'The request was accepted for processing, which is not finished.',
  204: 'The request succeeded and there is no body to send.',
  301: 'The resource has moved permanently to another URL.',
  302: 'The resource is temporarily at another URL.',
  304: 'The copy the client has is still current.',
  400: 'The server cannot make sense of the request.',
  401: 'The request lacks credentials that the server accepts.',
  403: 'The server understood the request and refuses to carry it out.',
  404: 'The server has no resource at this URL.',
  405: 'The resource does not offer this method.',
  406: 'The resource has no representation that the client accepts.',
  409: 'The request does not fit the present state of the resource.',
  410: 'The resource was removed permanently.',
  415: 'The server does not take a body of this type.',
  422: 'The body is well formed, but its content cannot be processed.',
  429: 'The client sent too many requests in a span of time.',
  500: 'The server encountered an unexpected error.',
  502: 'A gateway had an invalid answer from the server behind it.',
  503: 'The server cannot handle requests at the moment.',
  504: 'A gateway had no answer in time from the server behind it.',
};

const nameOf = (code) => NAMES[code];
const detailOf = (code) => DETAILS[code] ?? (NAMES[code] && CLASSES[String(code)[0]]);

module.exports = { nameOf, detailOf };
