import { expect, test } from "vitest";
import { whyNotSent } from "../../src/item/uploads";
import { uploadedFile } from "../../src/live/text";

const limits = { allowed: true, reason: null, types: ["pdf", "png"], max_bytes: 1000, sentence: "allowed are pdf, png, up to 1 MB" };

test("a file that would be refused is not sent, and says what is allowed", () => {
  expect(whyNotSent({ name: "plan.PDF", size: 10 }, limits)).toBeNull();
  expect(whyNotSent({ name: "plan.html", size: 10 }, limits)).toContain("allowed are pdf, png");
  expect(whyNotSent({ name: "pdf", size: 10 }, limits)).toContain("not allowed");
  expect(whyNotSent({ name: "plan.pdf", size: 200_000_000 }, limits)).toContain("up to 1 MB");
  expect(whyNotSent({ name: "plan.pdf", size: 0 }, limits)).toContain("empty");
});

test("only a file of this DSS is fetched through the page", () => {
  const own = "https://dss.example.com";
  expect(uploadedFile(`${own}/projects/CHURN/wiki/3#file=ab%2Fc`, own)).toEqual({ key: "CHURN", id: "ab/c" });
  expect(uploadedFile("/projects/CHURN/wiki/3#file=abc", null)).toEqual({ key: "CHURN", id: "abc" });
  for (const url of ["https://evil.example/projects/CHURN/wiki/3#file=abc", `${own}.evil/projects/CHURN/wiki/3#file=abc`, `${own}/projects/CHURN/wiki/3`, `${own}/projects/CHURN/wiki/3#file=%zz`, "//evil/projects/CHURN/wiki/3#file=abc"]) {
    expect(uploadedFile(url, own)).toBeNull();
  }
});
