// Elements from texts, never from markup: whatever people wrote is shown as text.

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

// text of people's own: its direction must not leak into what stands beside it
const own = (text) => h("bdi", null, text ?? "–");

const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// only addresses that the renderer found harmless come with a link
const link = (text, address) =>
  address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, own(text)) : own(text);
