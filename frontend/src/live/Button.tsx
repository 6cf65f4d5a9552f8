// A button that keeps focus while it cannot be pressed: one that the browser disables would lose it to nowhere.
import type { ComponentChildren } from "preact";

interface Props {
  children: ComponentChildren;
  onPress?: () => void;
  /** Whether it can be pressed now. */
  ready?: boolean;
  kind?: "primary" | "link" | "plain";
  /** Sends its form, which is asked by `onPress` where there is one. */
  submit?: boolean;
  id?: string;
  label?: string;
  describedBy?: string | undefined;
}

export function Button({ children, onPress, ready = true, kind = "plain", submit = false, id, label, describedBy }: Props) {
  return (
    <button
      type={submit ? "submit" : "button"}
      id={id}
      class={kind === "plain" ? undefined : `gl-${kind}`}
      aria-disabled={ready ? undefined : true}
      aria-label={label}
      aria-describedby={describedBy}
      onClick={(event) => {
        if (!ready) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
}
