// Notes in Markdown. The parser's tokens become elements one by one: no text is ever taken for markup, so the page
// needs no innerHTML. Raw HTML is off, links lead to harmless addresses only, pictures are links (the page loads none).
import MarkdownIt from "markdown-it";
import { h, type ComponentChild } from "preact";
import { isSafeLink } from "../live/text";

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: true });
parser.validateLink = isSafeLink;

type Token = ReturnType<typeof parser.parse>[number];

const TAGS: ReadonlySet<string> = new Set([
  "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong", "s",
  "table", "thead", "tbody", "tr", "th", "td", "a",
]);

// The page has its own headings above: those of a note begin below them.
const HEADINGS: Record<string, string> = { h1: "h4", h2: "h5", h3: "h6", h4: "h6", h5: "h6" };

function attributesOf(token: Token): Record<string, string> {
  if (token.type === "link_open") return { href: attributeOf(token, "href"), rel: "noopener noreferrer", target: "_blank" };
  const start = attributeOf(token, "start");
  return start === "" ? {} : { start };
}

const attributeOf = (token: Token, name: string): string => String(token.attrGet(name) ?? "");

function leaf(token: Token): ComponentChild {
  switch (token.type) {
    case "softbreak":
    case "hardbreak":
      return h("br", null);
    case "hr":
      return h("hr", null);
    case "code_inline":
      return h("code", null, token.content);
    case "fence":
    case "code_block":
      return h("pre", { tabIndex: 0 }, h("code", null, token.content));
    case "image":
      return link(attributeOf(token, "src"), token.content);
    default:
      return token.content;
  }
}

function link(url: string, text: string): ComponentChild {
  return isSafeLink(url) ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, text || url) : text;
}

/** Returns the elements from `at` up to the end of the enclosing one, and where that is. */
function elements(tokens: readonly Token[], at: number): [ComponentChild[], number] {
  const children: ComponentChild[] = [];
  let place = at;
  for (let token = tokens[place]; token !== undefined && token.nesting >= 0; token = tokens[place]) {
    if (token.nesting === 1) {
      const [inner, end] = elements(tokens, place + 1);
      const tag = HEADINGS[token.tag] ?? token.tag;
      if (token.hidden || !TAGS.has(token.tag)) children.push(...inner);
      else children.push(h(tag, attributesOf(token), inner));
      place = end + 1;
    } else {
      if (token.type === "inline") children.push(...elements(token.children ?? [], 0)[0]);
      else children.push(leaf(token));
      place += 1;
    }
  }
  return [children, place];
}

export function Markdown({ text }: { text: string }) {
  return (
    <div class="gl-markdown" dir="auto">
      {elements(parser.parse(text, {}), 0)[0]}
    </div>
  );
}
