import { render } from "preact";
import { expect, test } from "vitest";
import { Markdown } from "../../src/item/markdown";

function drawn(text: string): HTMLElement {
  const root = document.createElement("div");
  render(<Markdown text={text} />, root);
  return root;
}

test("raw HTML is text", () => {
  const root = drawn("<img src=x onerror=alert(1)> <script>alert(1)</script>\n\n<div onclick=alert(1)>x</div>");
  expect(root.querySelectorAll("img, script, [onclick]")).toHaveLength(0);
  expect(root.textContent).toContain("<script>alert(1)</script>");
});

test("links that would run something are dead", () => {
  for (const url of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "&#106;avascript:alert(1)"]) {
    for (const text of [`[go](${url})`, `[go](<${url}>)`, `<${url}>`, `![go](${url})`]) {
      for (const link of drawn(text).querySelectorAll("a")) expect(link.getAttribute("href")).toMatch(/^(https?|mailto):/);
    }
  }
});

test("harmless links open elsewhere, without the page's address", () => {
  const link = drawn("[plan](https://example.com/a?b=1)").querySelector("a");
  expect(link?.getAttribute("href")).toBe("https://example.com/a?b=1");
  expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
});

test("pictures are links: the page loads nothing from elsewhere", () => {
  const root = drawn("![chart](https://example.com/a.png)");
  expect(root.querySelector("img")).toBeNull();
  expect(root.querySelector("a")?.textContent).toBe("chart");
});

test("headings stand below those of the page", () => {
  expect(drawn("# Big").querySelector("h4")?.textContent).toBe("Big");
});

test("lists, tables, code and emphasis are what they look like", () => {
  const root = drawn("- one\n- **two**\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```\n<b>\n```\n\n3. three");
  expect(root.querySelectorAll("ul > li")).toHaveLength(2);
  expect(root.querySelector("li strong")?.textContent).toBe("two");
  expect(root.querySelectorAll("td")).toHaveLength(2);
  expect(root.querySelector("pre code")?.textContent).toBe("<b>\n");
  expect(root.querySelector("ol")?.getAttribute("start")).toBe("3");
  expect(root.querySelector("[style]")).toBeNull();
});
