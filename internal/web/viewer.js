'use strict';
// Shows the OpenAPI document of this server. All text becomes text nodes, never HTML.

const $ = id => document.getElementById(id);
const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
const operations = []; // {id, node, topic, words, redraw}
const topics = [];
let api;

// make returns an element with attributes and children, which may be text or nothing.
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.flat().filter(child => child || child === 0));
  return node;
}

// paragraphs returns text with blank lines as paragraphs.
const paragraphs = text => (text || '').split(/\n\s*\n/).filter(Boolean).map(part => make('p', {}, part));

// resolve follows references within the document.
function resolve(thing) {
  for (let depth = 0; thing && thing.$ref && depth < 20; depth++) {
    thing = thing.$ref.slice(2).split('/').reduce(
      (at, key) => at && at[key.replace(/~1/g, '/').replace(/~0/g, '~')], api);
  }
  return thing || {};
}

const nameOf = schema => (schema && schema.$ref || '').split('/').pop();
const variantsOf = schema => schema.anyOf || schema.oneOf || schema.allOf || [];

// typeOf puts the type of a schema into words.
function typeOf(schema) {
  const s = resolve(schema);
  if (s.type === 'array') return 'list of ' + (s.items && typeOf(s.items) || 'anything');
  if (variantsOf(s).length) return [...new Set(variantsOf(s).map(typeOf))].join(s.allOf ? ' and ' : ' or ');
  const type = Array.isArray(s.type) ? s.type.join(' or ') : s.type;
  return nameOf(schema) || type || ('const' in s ? JSON.stringify(s.const) : 'anything');
}

// limitsOf puts what a schema asks for beyond its type into words.
function limitsOf(s) {
  const words = [];
  const range = (low, high, unit) => {
    if (low !== undefined || high !== undefined) words.push(`${low ?? ''} … ${high ?? ''}${unit}`);
  };
  if (s.format) words.push(s.format);
  range(s.minimum, s.maximum, '');
  range(s.minLength, s.maxLength, ' characters');
  range(s.minItems, s.maxItems, ' entries');
  if (s.pattern) words.push('pattern ' + s.pattern);
  if (s.default !== undefined) words.push('default ' + JSON.stringify(s.default));
  return words.join(', ');
}

// valuesOf lists the values that a schema allows, with what they mean.
function valuesOf(s) {
  if (s.enum) return [make('p', { class: 'soft' }, 'One of ', s.enum.map(v => JSON.stringify(v)).join(', '))];
  const known = variantsOf(s).map(resolve).filter(v => 'const' in v);
  return known.map(v => make('p', { class: 'soft' }, make('code', {}, JSON.stringify(v.const)), ' ', v.description || v.title));
}

// field is a line about one value and what is in it.
function field(name, schema, required, description, depth) {
  const s = resolve(schema);
  return make('li', {},
    make('code', { class: 'name' }, name), ' ', make('span', { class: 'soft' }, typeOf(schema)),
    required && make('span', { class: 'must' }, ' required'),
    limitsOf(s) && make('span', { class: 'soft' }, ' · ' + limitsOf(s)),
    paragraphs(description || s.description), valuesOf(s), inside(schema, depth));
}

// inside lists the fields of an object, or of the objects in a list, when it is opened:
// schemas may hold themselves.
function inside(schema, depth) {
  const parts = fieldsOf(schema, depth + 1);
  if (!parts) return null;
  const box = make('details', {}, make('summary', {}, 'Fields'));
  box.addEventListener('toggle', () => { if (box.children.length === 1) box.append(parts()); });
  return box;
}

// fieldsOf returns a function that draws the fields of a schema, null without any.
function fieldsOf(schema, depth) {
  const s = resolve(schema);
  if (depth > 12) return null;
  if (s.type === 'array') return s.items ? fieldsOf(s.items, depth) : null;
  if (s.properties) {
    const required = new Set(s.required);
    return () => make('ul', { class: 'fields' }, Object.entries(s.properties).map(
      ([name, value]) => field(name, value, required.has(name), '', depth)));
  }
  if (s.additionalProperties && s.additionalProperties !== true) {
    return () => make('ul', { class: 'fields' }, field('any name', s.additionalProperties, false, '', depth));
  }
  const drawn = variantsOf(s).map(v => fieldsOf(v, depth)).filter(Boolean);
  return drawn.length ? () => make('div', {}, drawn.map(draw => draw())) : null;
}

// contentOf returns the media type and schema of a body or an answer.
function contentOf(thing) {
  const content = resolve(thing).content || {};
  const type = 'application/json' in content ? 'application/json' : Object.keys(content)[0];
  return { type, media: content[type] || {}, schema: resolve(content[type] && content[type].schema), all: Object.keys(content) };
}

// payload takes the data out of the envelope that all answers share.
function payload(schema) {
  const ocs = resolve((schema.properties || {}).ocs);
  return (ocs.properties || {}).data || schema;
}

// sample makes a value that fits a schema.
function sample(schema, name, depth = 0) {
  const s = resolve(schema);
  if (s.example !== undefined) return s.example;
  if (s.examples) return s.examples[0];
  if (s.default !== undefined) return s.default;
  if (s.enum) return s.enum[0];
  if ('const' in s) return s.const;
  if (variantsOf(s).length) return sample(variantsOf(s)[0], name, depth);
  const type = Array.isArray(s.type) ? s.type[0] : s.type;
  if (type === 'array') return depth < 4 && s.items ? [sample(s.items, name, depth + 1)] : [];
  if (type === 'object') {
    const must = Object.entries(s.properties || {}).filter(([key]) => (s.required || []).includes(key));
    return depth < 4 ? Object.fromEntries(must.map(([key, value]) => [key, sample(value, key, depth + 1)])) : {};
  }
  if (type === 'integer' || type === 'number') return s.minimum || 1;
  return type === 'boolean' ? true : (name || 'text').replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
}

const quote = text => "'" + String(text).replace(/'/g, "'\\''") + "'";

// exampleOf returns an operation as a command for a terminal. Without a password in it
// curl asks for that.
function exampleOf(path, method, op, parameters) {
  const user = $('user').value.trim(), token = $('token').value.trim();
  const value = p => {
    if (p.name === 'token' && token) return token;
    const given = p.example ?? (p.examples && Object.values(p.examples)[0].value);
    return given ?? (p.in === 'path' ? sample({ ...resolve(p.schema), default: undefined }, p.name) : sample(p.schema, p.name));
  };
  const queries = parameters.filter(p => p.in === 'query' && p.required);
  let address = path.replace(/\{([^}]+)\}/g, (all, name) => {
    const p = parameters.find(p => p.in === 'path' && p.name === name);
    return p ? encodeURIComponent(value(p)) : all;
  });
  if (queries.length) address += '?' + new URLSearchParams(queries.map(p => [p.name, value(p)]));
  const server = new URL(op.servers?.[0]?.url || api.servers?.[0]?.url || '/', location.href).href.replace(/\/$/, '');
  const parts = ['curl -s'];
  if (method !== 'get') parts.push('-X ' + method.toUpperCase());
  const security = op.security || api.security || [];
  if (security.some(way => 'basic' in way)) parts.push('-u ' + quote(user || 'USER'));
  parts.push("-H 'OCS-APIRequest: true'", "-H 'Accept: application/json'");
  if (op.requestBody) {
    const { type, media, schema } = contentOf(op.requestBody);
    const given = media.example ?? (media.examples && Object.values(media.examples)[0].value) ?? sample(schema);
    if (type === 'multipart/form-data') {
      for (const [name, part] of Object.entries(schema.properties || {})) {
        const isFile = resolve(part).contentMediaType || resolve(part).format === 'binary';
        if ((schema.required || []).includes(name)) parts.push('-F ' + quote(name + '=' + (isFile ? '@FILE' : sample(part, name))));
      }
    } else if (type === 'application/json') {
      parts.push("-H 'Content-Type: application/json'", '-d ' + quote(JSON.stringify(given)));
    } else if (type) {
      parts.push(`-H 'Content-Type: ${type}'`, '--data-binary @FILE');
    }
  }
  return parts.join(' \\\n  ') + ' \\\n  ' + quote(server + address);
}

// example shows the command, and offers to copy it where browsers let it.
function example(path, method, op, parameters, entry) {
  const code = make('pre', { tabindex: '0', 'aria-label': 'Example' });
  entry.redraw = () => { code.textContent = exampleOf(path, method, op, parameters); };
  entry.redraw();
  if (!navigator.clipboard) return [make('h3', {}, 'Example'), code];
  const copy = make('button', { type: 'button' }, 'Copy');
  copy.addEventListener('click', () => navigator.clipboard.writeText(code.textContent).then(
    () => { copy.textContent = 'Copied'; }, () => { copy.textContent = 'Not allowed here'; }));
  return [make('h3', {}, 'Example'), code, copy];
}

// answers lists what an operation may answer.
function answers(op) {
  const lines = Object.entries(op.responses || {}).map(([status, answer]) => {
    const { schema, all } = contentOf(answer);
    const data = payload(schema);
    return make('li', {},
      make('code', { class: 'name' }, status), ' ', resolve(answer).description,
      all.length > 0 && make('span', { class: 'soft' }, ' · ' + typeOf(data)), inside(data, 0));
  });
  return [make('h3', {}, 'Answers'), make('ul', { class: 'fields' }, lines)];
}

// bodyFields lists the fields of the body of a request.
function bodyFields(op) {
  if (!op.requestBody) return [];
  const { type, schema } = contentOf(op.requestBody);
  const draw = fieldsOf(schema, 0);
  return [make('h3', {}, 'Body ', make('span', { class: 'soft' }, type)), paragraphs(resolve(op.requestBody).description),
    draw ? draw() : make('p', {}, typeOf(schema))];
}

function details(entry, path, method, op, parameters) {
  const shown = parameters.filter(p => p.in !== 'header' || p.name !== 'OCS-APIRequest');
  const security = op.security || api.security || [];
  const open = !security.length || security.some(way => !Object.keys(way).length);
  return make('div', { class: 'body' },
    op.deprecated && make('p', { class: 'must' }, 'Deprecated'), paragraphs(op.description),
    make('p', { class: 'soft' }, open ? 'Needs no account. ' : 'Needs an account. ', make('a', { href: '#' + entry.id }, 'Link to this operation')),
    shown.length > 0 && [make('h3', {}, 'Parameters'), make('ul', { class: 'fields' }, shown.map(
      p => field(`${p.name} (${p.in})`, p.schema, p.required, p.description, 0)))],
    bodyFields(op), example(path, method, op, parameters, entry), answers(op));
}

// operation draws the line of an operation; the rest follows when it is opened.
function operation(path, method, item, topic) {
  const op = item[method];
  const id = op.operationId || method + path;
  const parameters = [...(item.parameters || []), ...(op.parameters || [])].map(resolve);
  const node = make('details', { class: 'operation', id }, make('summary', {},
    make('span', { class: 'method ' + method }, method.toUpperCase()), ' ', make('code', {}, path),
    make('span', { class: 'doc' }, op.summary)));
  const entry = { id, node, topic, words: `${method} ${path} ${op.summary || ''} ${id} ${topic.name}`.toLowerCase() };
  node.addEventListener('toggle', () => {
    if (node.open && node.children.length === 1) node.append(details(entry, path, method, op, parameters));
  });
  operations.push(entry);
  topic.node.append(node);
}

// topic returns the section with a name.
function topicOf(name, description) {
  let topic = topics.find(t => t.name === name);
  if (!topic) {
    const count = make('span', { class: 'count' });
    topic = { name, count, node: make('details', { class: 'topic' }, make('summary', {}, name + ' ', count), paragraphs(description)) };
    topics.push(topic);
    $('topics').append(topic.node);
  }
  return topic;
}

// filter shows the operations that have all the words.
function filter() {
  const words = $('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map(topics.map(topic => [topic, 0]));
  for (const o of operations) {
    o.node.hidden = !words.every(word => o.words.includes(word));
    if (!o.node.hidden) found.set(o.topic, found.get(o.topic) + 1);
  }
  let sum = 0;
  for (const [topic, n] of found) {
    topic.count.textContent = String(n);
    topic.node.hidden = n === 0;
    topic.node.open = words.length > 0;
    sum += n;
  }
  $('state').textContent = words.length ? `${sum} of ${operations.length} operations` : `${sum} operations. Press / to filter.`;
}

// follow opens the operation that the address names.
function follow() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* it is meant as it stands */ }
  const entry = operations.find(o => o.id === id);
  if (!entry) return;
  if (entry.node.hidden) {
    $('filter').value = '';
    filter();
  }
  entry.topic.node.open = entry.node.open = true;
  entry.node.scrollIntoView();
  entry.node.firstElementChild.focus({ preventScroll: true });
}

function draw() {
  $('intro').append(...paragraphs(api.info.description), make('p', { class: 'soft' }, 'Version of the API: ' + api.info.version));
  for (const tag of api.tags || []) topicOf(tag.name, tag.description);
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods) if (item[method]) operation(path, method, item, topicOf((item[method].tags || ['Others'])[0]));
  }
  $('tools').hidden = false;
  $('tools').addEventListener('submit', event => event.preventDefault());
  $('filter').addEventListener('input', filter);
  for (const id of ['user', 'token']) {
    $(id).addEventListener('input', () => operations.forEach(o => o.redraw && o.redraw()));
  }
  document.addEventListener('keydown', event => {
    if (event.key === '/' && event.target.tagName !== 'INPUT') {
      event.preventDefault();
      $('filter').focus();
    }
  });
  window.addEventListener('hashchange', follow);
  filter();
  follow();
}

fetch($('source').href).then(answer => {
  if (!answer.ok) throw new Error('the server answers ' + answer.status);
  return answer.json();
}).then(document => {
  api = document;
  draw();
}).catch(error => {
  $('topics').append(make('p', { role: 'alert' }, `The document could not be shown: ${error.message}. The link above has it for programs.`));
});
