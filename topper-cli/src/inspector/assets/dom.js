// Builds elements. Text becomes text nodes only; no markup is ever parsed.

const properties = new Set(['value', 'checked', 'disabled', 'hidden', 'open', 'indeterminate']);
const attribute =
  /^(?:class|id|for|type|name|role|title|tabindex|placeholder|href|download|label|list|min|max|step|rows|cols|wrap|autocomplete|spellcheck|inputmode|maxlength|lang|dir|scope|selected|required|readonly|width|height|multiple|aria-[a-z]+|data-[a-z-]+)$/;

/** An element: `h('button.quiet', {type: 'button', onclick}, 'Text')`. `null` children are left out. */
export function h(tag, options = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(' ');
  set(element, options);
  add(element, children);
  return element;
}

export function set(element, options) {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'function' && name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (properties.has(name)) {
      element[name] = value ?? '';
    } else if (!attribute.test(name)) {
      throw new Error(`attribute ${name} is not allowed`);
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else if (name === 'href' && !/^(?:\/(?!\/)|\?|#)/.test(value)) {
      throw new Error('links stay on this page');
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  return element;
}

export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

const svgSpace = 'http://www.w3.org/2000/svg';
const svgAttribute =
  /^(?:viewBox|d|x|y|x1|x2|y1|y2|cx|cy|r|rx|width|height|class|role|text-anchor|aria-[a-z]+|preserveAspectRatio)$/;

export function svg(name, options = {}, ...children) {
  const element = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(options)) {
    if (!svgAttribute.test(key)) throw new Error(`attribute ${key} is not allowed`);
    element.setAttribute(key, String(value));
  }
  return add(element, children);
}

/** Reads out a result to people who use a screen reader. */
export function say(text) {
  const place = document.getElementById('said');
  place.textContent = '';
  setTimeout(() => {
    place.textContent = text;
  }, 30);
}

export function later(wait, action) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), wait);
  };
}

export function stored(name, fallback = null) {
  try {
    return localStorage.getItem(`topper.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

export function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(`topper.${name}`);
    else localStorage.setItem(`topper.${name}`, value);
  } catch {
    // The page works without storage; it forgets the setting.
  }
}
