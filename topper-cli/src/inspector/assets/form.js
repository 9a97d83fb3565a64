// A form made from the JSON Schema of an event. Only what is changed is sent.
import { h } from './dom.js';
import { field } from './parts.js';
import { visible } from './text.js';

const deepest = 8;

/** Follows `$ref` and leaves out `null`, so that one kind of value remains. */
function resolve(schema, root, depth = 0) {
  if (schema === null || typeof schema !== 'object' || depth > deepest) return {};
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.replace(/^#\/\$defs\//, '');
    const found = Object.hasOwn(root.$defs ?? {}, name) ? root.$defs[name] : {};
    return {
      ...resolve(found, root, depth + 1),
      ...(schema.description ? { description: schema.description } : {}),
    };
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(choices)) return schema;
  const values = choices.filter((it) => it.type !== 'null').map((it) => resolve(it, root, depth + 1));
  const fixed = values.flatMap((it) => it.enum ?? (it.const === undefined ? [] : [it.const]));
  const { description } = schema;
  if (fixed.length > 0)
    return {
      type: 'string',
      enum: fixed,
      open: values.some((it) => !it.enum && it.const === undefined),
      description,
    };
  return { ...(values[0] ?? {}), ...(description ? { description } : {}) };
}

const kinds = (schema) => [schema.type ?? []].flat();
const first = (text) => visible((text ?? '').split('\n')[0]);
const written = (value) =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** The value of a field that is not text: a list, a truth value or an object. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function control(schema, value) {
  const text = written(value);
  if (Array.isArray(schema.enum)) {
    const values = schema.enum.map(String);
    if (schema.open && text !== '' && !values.includes(text)) values.push(text);
    if (!schema.open || values.length > 0) {
      return h(
        'select',
        {},
        text === '' ? h('option', { value: '' }, '–') : null,
        values.map((it) => h('option', { value: it, selected: it === text }, visible(it))),
      );
    }
  }
  if (kinds(schema).includes('boolean') && kinds(schema).length <= 2) {
    return h(
      'select',
      {},
      ['', 'true', 'false'].map((it) => h('option', { value: it, selected: it === text }, it || '–')),
    );
  }
  const decimal = schema.pattern !== undefined || kinds(schema).includes('number');
  return h('input.mono', {
    type: 'text',
    value: text,
    inputmode: decimal && !kinds(schema).includes('object') ? 'decimal' : null,
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: schema.maxLength,
  });
}

export function form({ schema, example }) {
  const inputs = [];

  function leaf(name, path, part, value, required) {
    if (part.const !== undefined) return null;
    const input = control(part, value);
    const start = input.value;
    const place = field(
      [visible(name), required ? h('span.required', { title: 'Required' }, ' *') : null],
      input,
      first(part.description) || null,
    );
    if (required) input.setAttribute('aria-required', 'true');
    input.addEventListener('input', () => place.classList.toggle('changed', input.value !== start));
    inputs.push({
      path,
      input,
      start,
      text: kinds(part).length === 0 || kinds(part).includes('string'),
      reset() {
        input.value = start;
        place.classList.remove('changed');
      },
    });
    return place;
  }

  function node(name, path, part, value, required, depth) {
    const shape = resolve(part, schema);
    if (kinds(shape).includes('array')) return list(name, path, shape, value, depth);
    const inner = shape.properties;
    if (inner === undefined || depth > deepest || kinds(shape).includes('string'))
      return leaf(name, path, shape, value, required);
    return group(name, path, shape, value, required, depth);
  }

  // The items that the example has; none can be added.
  function list(name, path, shape, value, depth) {
    const items = Array.isArray(value) && depth <= deepest ? value : [];
    const all = items.map((it, place) =>
      node(`${name}.${place}`, `${path}.${place}`, shape.items ?? {}, it, false, depth + 1),
    );
    return all.length === 0 ? null : h('details.group', {}, h('summary', {}, visible(name)), all);
  }

  function group(name, path, shape, value, required, depth) {
    const needs = new Set(shape.required ?? []);
    const given = value !== null && typeof value === 'object' ? value : {};
    const order = Object.entries(shape.properties).sort(([a], [b]) => Number(needs.has(b)) - Number(needs.has(a)));
    const all = order
      .map(([key, part]) =>
        node(key, path === '' ? key : `${path}.${key}`, part, given[key], needs.has(key), depth + 1),
      )
      .filter(Boolean);
    const [groups, leaves] = [
      all.filter((it) => it.tagName === 'DETAILS'),
      all.filter((it) => it.tagName !== 'DETAILS'),
    ];
    const content = [leaves.length > 0 ? h('div.fields-grid', {}, leaves) : null, groups];
    if (path === '') return h('div.group.top', {}, content);
    return h(
      'details.group',
      { open: depth < 2 || (required && depth < 3) },
      h('summary', {}, visible(name), required ? h('span.required', { title: 'Required' }, ' *') : null),
      content,
    );
  }

  const tree = group('', '', resolve(schema, schema), example, true, 0);
  const element = h(
    'div.stack',
    {},
    h(
      'p.note',
      {},
      'Only the fields that you change are set. ',
      h('span.required', {}, '*'),
      ' marks required fields.',
    ),
    tree,
    h(
      'button.quiet.small',
      { type: 'button', onclick: () => inputs.forEach((it) => it.reset()) },
      'Undo all changes',
    ),
  );
  return {
    element,
    changes: () =>
      Object.fromEntries(
        inputs
          .filter((it) => it.input.value !== it.start)
          .map((it) => [it.path, it.text ? it.input.value : parsed(it.input.value)]),
      ),
  };
}
