// A modal of the bot, with every kind of field. Source: Discord, "Component Reference", modals.
import { accepted, byId, h } from "./dom.js";
import { encoded } from "./api.js";
import { markdown } from "./markdown.js";
import { act } from "./actions.js";
import { picker } from "./picker.js";
import { place } from "./place.js";

/** Open the modal that answers an interaction. */
export function openModal(interaction, data) {
  const fields = []; // {id, value() or files()}
  const problem = h("p", { class: "wrong", role: "alert" });
  const cancel = h("button", { type: "button", class: "button link-like", onclick: () => dialog.close() }, "Cancel");
  const form = h("form", { novalidate: true }, h("h2", {}, data.title), data.components.map((one) => part(one, fields)), problem,
    h("footer", {}, cancel, h("button", { class: "button primary" }, "Submit")));
  const dialog = h("dialog", { class: "modal", "aria-label": data.title, onclose: () => dialog.remove() }, form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    form.inert = true;
    const attachments = {};
    for (const field of fields.filter((one) => one.files)) attachments[field.id] = await Promise.all(field.files().map(encoded));
    const given = Object.fromEntries(fields.filter((one) => one.value).map((field) => [field.id, field.value()]));
    problem.textContent = await act("discord/modal", { user: place.user.id, interaction, fields: given, attachments });
    form.inert = false;
    if (!problem.textContent) dialog.close();
  };
  document.body.append(dialog);
  dialog.showModal();
}

function part(one, fields) {
  if (one.type === 10) return h("div", { class: "text" }, markdown(one.content));
  if (one.type === 1) return one.components.map((inner) => labelled(inner.label, null, inner, fields));
  if (one.type === 18) return labelled(one.label, one.description, one.component, fields);
  return null;
}

function labelled(label, description, component, fields) {
  const required = component.required ?? true;
  const control = (CONTROLS[component.type] ?? CONTROLS[4])(component, label, fields);
  const words = [h("b", {}, label, required && h("span", { class: "required", title: "required" }, " *")), description && h("small", {}, description)];
  // A group has a legend; a single field has a label.
  if ([21, 22].includes(component.type) || component.max_values > 1 && component.type !== 19) return h("fieldset", {}, h("legend", {}, words), control);
  return h("label", { class: "field" }, words, control);
}

const CONTROLS = {
  3: pick, 5: pick, 6: pick, 7: pick, 8: pick,
  4: (one, label, fields) => {
    const long = one.style === 2;
    const box = h(long ? "textarea" : "input", { placeholder: one.placeholder, maxlength: String(one.max_length ?? 4000), rows: long ? 5 : undefined, autocomplete: "off" });
    box.value = one.value ?? "";
    fields.push({ id: one.custom_id, value: () => box.value });
    return box;
  },
  19: (one, label, fields) => {
    const box = h("input", { type: "file", multiple: (one.max_values ?? 1) > 1, accept: accepted(one) });
    fields.push({ id: one.custom_id, files: () => [...box.files] });
    return box;
  },
  21: (one, label, fields) => group(one, fields, "radio", (boxes) => boxes.find((box) => box.checked)?.value ?? null),
  22: (one, label, fields) => group(one, fields, "checkbox", (boxes) => boxes.filter((box) => box.checked).map((box) => box.value)),
  23: (one, label, fields) => {
    const box = h("input", { type: "checkbox", checked: Boolean(one.default) });
    fields.push({ id: one.custom_id, value: () => box.checked });
    return box;
  },
};

function pick(one, label, fields) {
  const { element, values } = picker(one);
  element.removeAttribute("aria-label"); // the label or legend names it
  fields.push({ id: one.custom_id, value: values });
  return element;
}

function group(one, fields, type, value) {
  const boxes = one.options.map((option) => h("input", { type, name: one.custom_id, value: option.value, checked: Boolean(option.default) }));
  fields.push({ id: one.custom_id, value: () => value(boxes) });
  const words = ({ label, description }) => [label, description && h("small", {}, description)];
  return h("div", {}, boxes.map((box, index) => h("label", { class: "choice" }, box, h("span", {}, words(one.options[index])))));
}
