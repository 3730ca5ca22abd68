import { render } from "../app/render";
import type { Overall, Role, Trouble } from "../ipc/bindings";
import { DemoClinic } from "./demoClinic";
import {
  damaged,
  urgentArrives,
  withEveryKind,
  withHoa,
  withLongHistory,
  withManyPatients,
  withOpinions,
  withUrgentCases,
} from "./demoData";
import { installTauri } from "./tauri";

/**
 * For eyes only, never in the product: /demo.html?boot=needs_setup&language=en&theme=dark&patients=40&photos=5000
 * `kinds` adds a patient with one photo of each kind, `damage` makes the integrity check find some,
 * `urgent` adds urgent cases, and one more comes in when `arrives` milliseconds have passed, `role=ADMIN` lets one set
 * what an administrator sets, `centre` connects to a centre that has old photos,
 * `opinions` sets online analysis and lets others speak about the first photos, `again=40` has so many of 120 photos done that
 * a new model looks at again, `consent` has every patient agree,
 * `sync` is how far things have come (at_centre, kept_here, …), `trouble` what is in the way, `conflicts` adds some.
 */
const asked = new URLSearchParams(window.location.search);
const clinic = new DemoClinic();
installTauri(clinic, "/photo/");
withManyPatients(clinic, Number(asked.get("patients") ?? 30));
if (asked.get("empty") === null) {
  const patientId = withHoa(clinic);
  withLongHistory(clinic, patientId, Number(asked.get("photos") ?? 0));
}
if (asked.get("urgent") !== null) withUrgentCases(clinic);
if (asked.get("kinds") !== null) withEveryKind(clinic);
if (asked.get("opinions") !== null) withOpinions(clinic);
if (asked.get("again") !== null) {
  const done = Number(asked.get("again"));
  clinic.analysing.again = done ? { possible: 0, waiting: 120 - done, done } : { possible: 120, waiting: 0, done: 0 };
}
if (asked.get("consent") !== null)
  for (const patient of clinic.patients)
    patient.cloud_consent = { given: true, at: new Date().toISOString(), by: "Lê Thị Mai (mẫu)" };
if (asked.get("damage") !== null) clinic.disk.check = damaged(clinic);
clinic.boot = (asked.get("boot") as DemoClinic["boot"] | null) ?? "signed_in";
clinic.preferences.language = asked.get("language") === "en" ? "en" : "vi";
clinic.preferences.theme = asked.get("theme") === "dark" ? "dark" : "light";
clinic.keyConfirmed = asked.get("key") !== "unconfirmed";
clinic.analysesAtOnce = asked.get("pending") === null;
if (asked.get("sync")) clinic.centre.connect(asked.get("sync") as Overall);
if (asked.get("trouble")) clinic.centre.trouble(asked.get("trouble") as Trouble);
if (clinic.centre.status.waiting_records > 0)
  clinic.centre.queue(
    clinic.entries.slice(0, 60),
    (id) => clinic.patients.find((one) => one.id === id)?.full_name ?? "",
  );
const [first] = clinic.patients;
if (asked.get("conflicts") !== null && first) clinic.centre.disagree(first.id, first.full_name);
if (asked.get("hang")) clinic.hangs.add(asked.get("hang") ?? "");
if (asked.get("model") === "none") clinic.analysing.models = [];
const role = asked.get("role") as Role | null;
if (role && clinic.signedIn) clinic.signedIn = { ...clinic.signedIn, role };
if (asked.get("centre") !== null) {
  clinic.disk.purgeable = { photos: 412, bytes: 1_640_000_000 };
  Object.assign(clinic.disk.retention, {
    connected: true,
    patients: 3,
    photos: 41,
    held: 1,
    ran_at: new Date().toISOString(),
  });
}
clinic.picked = [
  "/tay/IMG_2041.jpg",
  "/tay/IMG_2042 blurred glare.jpg",
  "/tay/IMG_2043.jpg",
  "/tay/tai-lieu.jpg",
  "/tay/ảnh điện thoại.heic",
];
if (asked.get("fail"))
  clinic.fails.set(asked.get("fail") ?? "", { code: "disk_full", message: "ENOSPC: write failed", subject: null });

Object.assign(window, { demoClinic: clinic });
const root = document.getElementById("root");
if (root) render(root);
if (asked.get("arrives")) setTimeout(() => urgentArrives(clinic), Number(asked.get("arrives")));
