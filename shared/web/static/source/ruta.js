// The few scripts of our pages. Everything works without them.
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { Checkboxes } from "govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs";
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs";
import { ServiceNavigation } from "govuk-frontend/dist/govuk/components/service-navigation/service-navigation.mjs";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

// "Falta este dato." alone does not say which, in a list read away from its fields.
for (const link of document.querySelectorAll(".govuk-error-summary a[href^='#']")) {
  const field = document.getElementById(link.hash.slice(1));
  const chosen = field?.matches("[type=radio], [type=checkbox]");
  const name = chosen ? field.closest("fieldset")?.querySelector("legend") : field?.labels?.[0];
  if (name) link.prepend(`${name.textContent.trim()}: `);
}

const components = [Button, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, ServiceNavigation];
for (const Component of components) {
  for (const element of document.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
    try {
      new Component(element);
    } catch (error) {
      console.error(error);
    }
  }
}
