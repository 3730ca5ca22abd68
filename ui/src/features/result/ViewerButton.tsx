import ButtonBase from "@mui/material/ButtonBase";
import type { ElementType, ReactNode } from "react";
import { photoControl } from "../../design/tokens";

/** A button that lies on the photo. With `to` it is a link. */
export function ViewerButton({
  label,
  testId,
  children,
  disabled = false,
  pressed,
  ...rest
}: {
  label: string;
  testId: string;
  children: ReactNode;
  disabled?: boolean;
  /** Of a button that switches something on and off. */
  pressed?: boolean;
  onClick?: () => void;
  component?: ElementType;
  to?: string;
  replace?: boolean;
}) {
  return (
    <ButtonBase
      {...rest}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      disabled={disabled}
      data-testid={testId}
      sx={{
        minWidth: 46,
        minHeight: 44,
        px: 1.5,
        gap: 0.5,
        borderRadius: 2,
        bgcolor: photoControl,
        color: "#ffffff",
        boxShadow: pressed ? "inset 0 0 0 2px #ffffff" : "none",
        fontSize: "0.9375rem",
        "&:hover": { bgcolor: "#000000" },
        "&.Mui-disabled": { color: "#9aa0a6" },
        "&:focus-visible": { outlineColor: "#ffffff" },
      }}
    >
      {children}
    </ButtonBase>
  );
}
