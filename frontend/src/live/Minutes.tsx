// The end of a sitting: minutes to copy or to keep, and what was not saved, to try again.
import { useEffect, useRef, useState } from "preact/hooks";
import { download } from "./download";
import { useApp } from "./store";
import { minutesText, type AgendaDecision, type Sitting } from "./sitting";

interface Props {
  sitting: Sitting;
  decisions: readonly AgendaDecision[];
  onBack: (place: number) => void;
}

export function Minutes({ sitting, decisions, onBack }: Props) {
  const { refresh } = useApp();
  const text = minutesText(sitting, decisions);
  const areaRef = useRef<HTMLTextAreaElement>(null);
  const headingRef = useRef<HTMLHeadingElement>(null);
  const [copied, setCopied] = useState("");
  // the lists are read anew once, at the end: during the sitting each save would have to wait for it
  useEffect(() => {
    headingRef.current?.focus();
    void refresh();
  }, [refresh]);
  // frames and plain http have no clipboard: the text is selected then, for the keyboard
  const copy = () => {
    areaRef.current?.select();
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) setCopied("Selected: press Ctrl+C.");
    else {
      clipboard.writeText(text).then(
        () => setCopied("Copied."),
        () => setCopied("Selected: press Ctrl+C."),
      );
    }
  };
  const open = decisions.map((decision, place) => ({ ...decision, place })).filter(({ saved }) => !saved);
  return (
    <section aria-labelledby="minutes">
      <h2 id="minutes" ref={headingRef} tabIndex={-1}>
        Minutes
      </h2>
      {open.length > 0 && (
        <div class="gl-banner gl-warn">
          <p>Not saved:</p>
          <ul>
            {open.map(({ key, name, failure, place }) => (
              <li key={key}>
                <button type="button" class="gl-link" onClick={() => onBack(place)}>
                  <bdi>{name}</bdi>
                </button>
                : {failure ?? "not decided"}
              </li>
            ))}
          </ul>
        </div>
      )}
      <textarea ref={areaRef} readOnly aria-label="Minutes" rows={Math.min(24, text.split("\n").length)} value={text} />
      <p>
        <button type="button" class="gl-primary" onClick={copy}>
          Copy
        </button>{" "}
        <button type="button" onClick={() => download(`minutes-${sitting.date || "sitting"}.txt`, text)}>
          Export
        </button>{" "}
        <button type="button" onClick={() => onBack(decisions.length - 1)}>
          Back
        </button>{" "}
        <span role="status">{copied}</span>
      </p>
    </section>
  );
}
