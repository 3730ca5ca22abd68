import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { Initials } from "../../design/Initials";
import { PasswordField } from "../../design/PasswordField";
import { DoorScreen } from "../../design/Screen";
import { testIds } from "../../design/testIds";
import type { Person } from "../../ipc/bindings";
import { useSignIn } from "../../ipc/queries";

export function SignInScreen({ clinic, people }: { clinic: string; people: Person[] }) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const password = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState(people.length === 1 ? (people[0]?.email ?? "") : "");
  const [typed, setTyped] = useState("");
  const again = () => {
    setTyped("");
    password.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signIn.isPending && email.trim() && typed) {
      signIn.mutate({ email: email.trim(), password: typed }, { onError: again });
    }
  };
  const choose = (person: Person) => {
    setEmail(person.email);
    password.current?.focus();
  };
  return (
    <DoorScreen title={t("signIn.title")}>
      <Typography sx={{ color: "text.secondary" }}>{clinic}</Typography>
      <Box component="form" onSubmit={submit} noValidate data-testid={testIds.signIn} sx={{ display: "grid", gap: 2 }}>
        {people.length > 0 && <People people={people} chosen={email} onChoose={choose} />}
        <Field
          label={t("firstRun.email")}
          type="email"
          autoComplete="username"
          testId={testIds.signInEmail}
          value={email}
          autoFocus={people.length !== 1}
          onChange={(event) => setEmail(event.target.value)}
          required
        />
        <PasswordField
          label={t("firstRun.password")}
          autoComplete="current-password"
          testId={testIds.signInPassword}
          inputRef={password}
          value={typed}
          autoFocus={people.length === 1}
          onChange={(event) => setTyped(event.target.value)}
          required
        />
        {signIn.error && <ErrorNote error={signIn.error} />}
        <Button
          type="submit"
          variant="contained"
          size="large"
          disabled={signIn.isPending || !email.trim() || !typed}
          data-testid={testIds.signInSubmit}
        >
          {signIn.isPending ? t("signIn.checking") : t("signIn.submit")}
        </Button>
      </Box>
    </DoorScreen>
  );
}

function People({
  people,
  chosen,
  onChoose,
}: {
  people: Person[];
  chosen: string;
  onChoose: (person: Person) => void;
}) {
  const { t } = useTranslation();
  return (
    <Box
      role="group"
      aria-label={t("signIn.who")}
      sx={{ display: "grid", gap: 1, maxHeight: 320, overflow: "auto", p: 0.5, m: -0.5 }}
    >
      <Box aria-hidden="true" sx={{ fontWeight: 600, fontSize: "0.875rem" }}>
        {t("signIn.who")}
      </Box>
      {people.map((person) => (
        <Button
          key={person.id}
          variant="outlined"
          aria-pressed={chosen === person.email}
          onClick={() => onChoose(person)}
          data-testid={testIds.signInPerson}
          sx={{
            justifyContent: "flex-start",
            textAlign: "left",
            gap: 1.5,
            ...(chosen === person.email && {
              borderColor: "primary.main",
              outline: 1,
              outlineColor: "primary.main",
              outlineStyle: "solid",
            }),
          }}
        >
          <Initials name={person.full_name} size={34} />
          <Box component="span" sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
            {person.full_name}
            <Box
              component="span"
              sx={{ display: "block", fontWeight: 400, fontSize: "0.8125rem", color: "text.secondary" }}
            >
              {t(`role.${person.role}`)}
            </Box>
          </Box>
        </Button>
      ))}
    </Box>
  );
}
