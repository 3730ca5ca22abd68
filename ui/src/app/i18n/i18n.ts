import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../../design/format";
import en from "./en.json";
import vi from "./vi.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

export function systemLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("vi") ? "vi" : "en";
}

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, vi: { translation: vi } },
  lng: systemLanguage(),
  fallbackLng: false,
  supportedLngs: ["vi", "en"],
  interpolation: { escapeValue: false },
  returnNull: false,
});

i18next.services.formatter?.add("lowercase", (value: string, language) => value.toLocaleLowerCase(language));

export { i18next };
