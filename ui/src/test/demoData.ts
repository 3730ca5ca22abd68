import type { BodySite, CheckReport, LesionClass, PatientDraft, Side } from "../ipc/bindings";
import { SPACE, secondModel } from "./demoAnalysing";
import type { DemoClinic } from "./demoClinic";
import { dice, madeUpShares } from "./syntheticAnalyses";

const DAY = 86_400_000;
const FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Võ", "Đặng", "Bùi", "Đỗ", "Huỳnh"];
const MIDDLE = ["Văn", "Thị", "Minh", "Quốc", "Ngọc", "Đình", "Thu", "Hữu"];
const GIVEN = ["Hòa", "Lan", "Bình", "Đăng", "Hương", "Khánh", "Phượng", "Tùng", "Yến", "Quỳnh"];

export const hoa: PatientDraft = {
  full_name: "Nguyễn Văn Hòa (mẫu)",
  born: "1961-03-12",
  sex: "MALE",
  phone: "0901234118",
  national_id: "001061007432",
  address: "Thôn Mẫu, xã Ví Dụ",
};

/** The patient of the sketches: three lesions and a handful of photos, one still being analysed. */
export function withHoa(clinic: DemoClinic, now = Date.now()): string {
  const patient = clinic.register(hoa);
  const back = clinic.addLesion(patient.id, "back", "left", "Nốt ở bả vai");
  const face = clinic.addLesion(patient.id, "face", "right", null);
  const low = clinic.addLesion(patient.id, "back", "right", null);
  const at = (days: number, minutes: number) => new Date(now - days * DAY - minutes * 60_000).toISOString();
  const shares = (MEL: number, NEV: number, SEK: number, BCC: number, ACK: number, SCC: number) => ({
    MEL,
    NEV,
    SEK,
    BCC,
    ACK,
    SCC,
  });
  const urgent = clinic.addPhoto(back, at(0, 2), shares(0.41, 0.28, 0.14, 0.09, 0.05, 0.03));
  clinic.notes.add(urgent, "Người bệnh kể nốt lớn nhanh ba tháng nay, thỉnh thoảng chảy máu.");
  clinic.addPhoto(back, at(0, 3), shares(0.2, 0.37, 0.16, 0.12, 0.1, 0.05));
  clinic.addPhoto(back, at(0, 1), null);
  clinic.addPhoto(face, at(81, 0), shares(0.05, 0.1, 0.08, 0.09, 0.63, 0.05));
  clinic.addPhoto(back, at(81, 2), shares(0.04, 0.88, 0.03, 0.02, 0.02, 0.01));
  clinic.addPhoto(low, at(81, 4), shares(0.03, 0.09, 0.79, 0.04, 0.03, 0.02));
  clinic.addPhoto(low, at(81, 6), shares(0.02, 0.91, 0.03, 0.02, 0.01, 0.01));
  clinic.addPhoto(face, at(195, 0), shares(0.03, 0.2, 0.1, 0.52, 0.1, 0.05));
  return patient.id;
}

/** One photo of each kind there is: every risk, a demo model's, a dermatoscope's, and each reason to wait. */
export function withEveryKind(clinic: DemoClinic, now = Date.now()): string {
  const patient = clinic.register({
    ...hoa,
    full_name: "Trần Thị Đủ Loại (mẫu)",
    born: "1974",
    sex: "FEMALE",
    phone: "0912345678",
    national_id: "079174000321",
  });
  const lesion = clinic.addLesion(patient.id, "chest", "midline", "Vùng ngực có nhiều nốt, theo dõi từ năm 2024");
  const shares = (top: LesionClass, share: number): Record<LesionClass, number> => {
    const rest = (1 - share) / 5;
    const all = { ACK: rest, BCC: rest, MEL: rest, NEV: rest, SCC: rest, SEK: rest };
    return { ...all, [top]: share };
  };
  let nth = 0;
  const add = (given: Record<LesionClass, number> | null, demo = false) => {
    nth += 1;
    return clinic.addPhoto(lesion, new Date(now - nth * DAY).toISOString(), given, demo);
  };
  add(shares("MEL", 0.83));
  add(shares("SCC", 0.62));
  add(shares("ACK", 0.71));
  add(shares("SEK", 0.95));
  add(shares("NEV", 0.38));
  add(shares("NEV", 0.92), true);
  const dermoscopic = add(shares("NEV", 0.66));
  dermoscopic.kind = "dermoscopic";
  if (dermoscopic.analysis.state === "done")
    Object.assign(dermoscopic.analysis, { risk: "UNCERTAIN", rule: "outside_model", review: true });
  for (const reason of ["queued", "no_model", "failed", "no_consent", "space_unreachable"] as const) {
    const { analysis } = add(null);
    if (analysis.state === "pending") analysis.reason = reason;
  }
  return patient.id;
}

/** Online analysis is set, a second model is here, and others have spoken, or wait, about the patient's first photos. */
export function withOpinions(clinic: DemoClinic): void {
  const { analysing } = clinic;
  const second = secondModel();
  analysing.models.push(second);
  analysing.settings = { space_url: SPACE, has_token: true, prefer: "device" };
  analysing.token = "hf_mau";
  const [first, uncertain] = clinic.entries;
  if (!first || !uncertain) return;
  const benign = { ACK: 0.03, BCC: 0.04, MEL: 0.12, NEV: 0.71, SCC: 0.04, SEK: 0.06 };
  analysing.say(first, benign);
  analysing.waits(first.photo_id, "space", "space_unreachable");
  analysing.say(uncertain, { ...benign, MEL: 0.52, NEV: 0.31 }, { of: "space" });
}

const MELANOMA: Record<LesionClass, number> = { ACK: 0.03, BCC: 0.05, MEL: 0.74, NEV: 0.12, SCC: 0.04, SEK: 0.02 };

/** An urgent case that another workstation of the clinic made, as it comes in. Gives its analysis' id. */
export function urgentArrives(clinic: DemoClinic, name = "Trần Thị Lan (mẫu)", at = Date.now()): string {
  const patient = clinic.register({
    ...hoa,
    full_name: name,
    born: "1957",
    sex: "FEMALE",
    national_id: null,
    phone: null,
  });
  const lesion = clinic.addLesion(patient.id, "legs", "right", null);
  const entry = clinic.addPhoto(lesion, new Date(at).toISOString(), MELANOMA);
  clinic.urgent.elsewhere.add(entry.photo_id);
  clinic.tell({ what: ["photos", "analyses", "urgent"], patient_id: null });
  return entry.analysis.id;
}

/** A case of every kind: from elsewhere without its picture, not delivered, by a demo model, acknowledged here and there. */
export function withUrgentCases(clinic: DemoClinic, now = Date.now()): void {
  const HOUR = DAY / 24;
  const photoOf = (analysisId: string) => clinic.entries.find(({ analysis }) => analysis.id === analysisId);
  const add = (name: string, hours: number) => {
    const analysisId = urgentArrives(clinic, name, now - hours * HOUR);
    return { analysisId, entry: photoOf(analysisId) };
  };
  clinic.urgent.withoutPicture.add(add("Đỗ Thị Hương (mẫu)", 3).entry?.photo_id ?? "");
  const own = add("Huỳnh Ngọc Phượng Hoàng Thiên Kim (mẫu)", 5).entry;
  if (own) {
    clinic.urgent.elsewhere.delete(own.photo_id);
    clinic.urgent.undelivered.add(own.photo_id);
    own.lesion_label = "Nốt đen ở bắp chân, lớn nhanh từ Tết";
  }
  const demo = add("Bùi Minh Tùng (mẫu)", 30).entry;
  if (demo?.analysis.state === "done") demo.analysis.demo = true;
  clinic.urgent.acknowledge(add("Võ Thu Yến (mẫu)", 50).analysisId, "Phạm Văn Tâm (mẫu)");
  clinic.urgent.acknowledge(add("Lê Đình Khánh (mẫu)", 75).analysisId);
  const both = add("Đặng Hữu Bình (mẫu)", 99).analysisId;
  Object.assign(clinic.urgent.acknowledge(both, "Phạm Văn Tâm (mẫu)"), { others: 1 });
}

export function damaged(clinic: DemoClinic): CheckReport {
  return {
    ok: false,
    photos: 0,
    bytes: 0,
    damaged: [
      { what: "photo", id: clinic.entries[0]?.photo_id ?? "photo-000001", message: "chunk 3 does not open" },
      { what: "file", id: "0196f0aa-1111-7000-8000-00000000beef", message: "a file without a row" },
    ],
  };
}

export function withManyPatients(clinic: DemoClinic, count: number): void {
  const roll = dice(11);
  const pick = (from: string[]) => from[Math.floor(roll() * from.length)] ?? "";
  for (let nth = 0; nth < count; nth += 1) {
    clinic.register({
      full_name: `${pick(FAMILY)} ${pick(MIDDLE)} ${pick(GIVEN)} (mẫu)`,
      born: String(1935 + Math.floor(roll() * 70)),
      sex: roll() < 0.5 ? "MALE" : "FEMALE",
      phone: `09${String(Math.floor(roll() * 1e8)).padStart(8, "0")}`,
      national_id: null,
      address: null,
    });
  }
}

export function withLongHistory(clinic: DemoClinic, patientId: string, count: number, now = Date.now()): void {
  const roll = dice(5);
  const sites: BodySite[] = ["face", "neck", "chest", "arms", "hands", "abdomen", "legs", "feet"];
  const sides: Side[] = ["left", "right", "midline"];
  if (count === 0) return;
  const lesions = sites.map((site, nth) => clinic.addLesion(patientId, site, sides[nth % 2] ?? "left", null));
  for (let nth = 0; nth < count; nth += 1) {
    const lesion = lesions[Math.floor(roll() * lesions.length)];
    if (lesion) clinic.addPhoto(lesion, new Date(now - (200 + nth * 0.3) * DAY).toISOString(), madeUpShares(roll));
  }
}
