import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useId } from "react";
import { testIds } from "./testIds";

/** Asks before something is lost, or, as a `duty`, taken on. The safe answer has the focus. */
export function ConfirmDialog(props: {
  open: boolean;
  title: string;
  text: string;
  yes: string;
  no: string;
  onYes: () => void;
  onNo: () => void;
  duty?: boolean;
}) {
  const id = useId();
  // While it fades its buttons are still there to be pressed.
  const whileOpen = (answer: () => void) => (props.open ? answer : undefined);
  return (
    <Dialog open={props.open} onClose={props.onNo} aria-labelledby={id} aria-describedby={`${id}-text`}>
      <DialogTitle id={id}>{props.title}</DialogTitle>
      <DialogContent id={`${id}-text`}>{props.text}</DialogContent>
      <DialogActions sx={{ p: 2, flexWrap: "wrap", gap: 1 }}>
        <Button
          {...(props.duty ? ({ variant: "contained" } as const) : ({ variant: "outlined", color: "error" } as const))}
          onClick={whileOpen(props.onYes)}
          data-testid={testIds.confirmYes}
        >
          {props.yes}
        </Button>
        <Button
          variant={props.duty ? "outlined" : "contained"}
          onClick={whileOpen(props.onNo)}
          autoFocus
          data-testid={testIds.confirmNo}
        >
          {props.no}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
