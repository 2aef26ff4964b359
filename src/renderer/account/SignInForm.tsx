// Signing in, creating an account: one form, two doors. The checks here only spare a round trip; main decides.

import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { ask } from "../stores/bridge";
import { type AccountDoor, checkCredentials, doorWords, refusalWords } from "./credentials";
import "./account.css";

type SignInFormProps = {
  readonly onDone?: () => void;
  /** Both, where nothing is said. */
  readonly onlyDoor?: AccountDoor;
};

export function SignInForm({ onDone, onlyDoor }: SignInFormProps) {
  const [door, setDoor] = useState<AccountDoor>(onlyDoor ?? "sign-in");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const emailId = useId();
  const passwordId = useId();
  const hintId = useId();
  const problemId = useId();
  const words = doorWords[door];
  const emailField = useRef<HTMLInputElement>(null);
  useEffect(() => emailField.current?.focus(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = checkCredentials(door, email, password);
    setProblem(wrong);
    if (wrong !== null) return;
    setBusy(true);
    const answer = await ask(door === "sign-in" ? "account:sign-in" : "account:register", {
      email: email.trim(),
      password,
    });
    setBusy(false);
    if (answer.kind === "refused") setProblem(refusalWords(answer.message));
    else onDone?.();
  };

  return (
    <form className="account-form" noValidate onSubmit={(event) => void submit(event)}>
      {onlyDoor === undefined ? (
        <div className="segments" role="radiogroup" aria-label="Account">
          {(["sign-in", "register"] as const).map((choice) => (
            <label key={choice} className="segment">
              <input
                type="radio"
                name="door"
                className="visually-hidden"
                checked={door === choice}
                onChange={() => {
                  setDoor(choice);
                  setProblem(null);
                }}
              />
              {doorWords[choice].tab}
            </label>
          ))}
        </div>
      ) : null}
      <div className="field">
        <label htmlFor={emailId}>E-mail</label>
        <input
          ref={emailField}
          id={emailId}
          className="text-input"
          type="email"
          autoComplete="username"
          data-first-focus
          required
          value={email}
          aria-invalid={problem === null ? undefined : true}
          aria-describedby={problem === null ? undefined : problemId}
          onChange={(event) => setEmail(event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={passwordId}>Password</label>
        <input
          id={passwordId}
          className="text-input"
          type="password"
          autoComplete={door === "sign-in" ? "current-password" : "new-password"}
          required
          value={password}
          aria-describedby={door === "register" ? hintId : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
        {door === "register" ? (
          <p id={hintId} className="hint">
            At least six characters.
          </p>
        ) : null}
      </div>
      <p id={problemId} className={problem === null ? "visually-hidden" : "form-problem"} role="alert">
        {problem}
      </p>
      <button type="submit" className="button primary tall" disabled={busy}>
        {busy ? words.busy : words.submit}
      </button>
    </form>
  );
}
