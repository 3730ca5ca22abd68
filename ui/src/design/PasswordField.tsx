import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "./Field";
import { EyeIcon, HiddenEyeIcon } from "./icons";

/** A password that may be looked at: with gloves on, nobody types a long one blind. */
export function PasswordField(props: ComponentProps<typeof Field>) {
  const { t } = useTranslation();
  const [seen, setSeen] = useState(false);
  return (
    <Field
      {...props}
      type={seen ? "text" : "password"}
      inputProps={{ spellCheck: false, autoCapitalize: "none" }}
      endAdornment={
        <InputAdornment position="end">
          <IconButton edge="end" aria-label={seen ? t("field.hide") : t("field.show")} onClick={() => setSeen(!seen)}>
            {seen ? <HiddenEyeIcon fontSize="small" /> : <EyeIcon fontSize="small" />}
          </IconButton>
        </InputAdornment>
      }
    />
  );
}
