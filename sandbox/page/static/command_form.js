// The form of a slash command: required options first, optional ones on demand.
import { accepted, h } from "./dom.js";
import { ask, encoded, Refusal } from "./api.js";
import { act } from "./actions.js";
import { called, members, place, where } from "./place.js";
import { toast } from "./popup.js";
import { suggest } from "./suggest.js";

const STRING = 3, INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, NUMBER = 10, ATTACHMENT = 11;

/** Returns {form, focus, addFiles(files)}; `end()` is called when the command was sent or discarded. */
export function commandForm(command, end) {
  const fields = new Map(); // option name -> field
  const pills = h("div", { class: "pills" });
  const more = h("input", { class: "more-options", "aria-label": "Further options", placeholder: "+ options" });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const form = h("form", { class: "command", "aria-label": `/${command.name}` },
    h("b", { class: "command-name" }, `/${command.name}`), pills,
    h("button", { class: "send", "aria-label": "Send the command" }, "➤"), wrong);
  pills.append(more);

  const left = () => command.options.filter((option) => !fields.has(option.name));
  const values = () => Object.fromEntries([...fields].filter(([, field]) => field.given()).map(([key, field]) => [key, field.value()]));
  const context = { name: command.name, values };

  function add(option) {
    const field = option.type === ATTACHMENT ? fileField(option) : textField(option, context);
    const pill = h("label", { class: "pill" }, h("span", {}, option.name), field.element);
    field.input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !field.given() && !option.required) {
        event.preventDefault();
        fields.delete(option.name);
        pill.remove();
        offer();
        more.focus();
      }
    });
    fields.set(option.name, { ...field, option, pill });
    more.before(pill);
    offer();
    return field;
  }

  function offer() {
    more.hidden = !left().length;
    more.placeholder = `+ ${left().length} more`;
  }

  function showProblem(text) {
    wrong.textContent = text;
    for (const [key, { pill, input }] of fields) {
      const isMeant = text.startsWith(`${key}:`);
      pill.classList.toggle("invalid", isMeant);
      if (isMeant) input.focus();
    }
  }

  async function send(event) {
    event.preventDefault();
    const missing = [...fields.values()].find((field) => field.option.required && !field.given());
    if (missing) return showProblem(`${missing.option.name}: This option is required. Specify a value.`);
    form.inert = true;
    const attachments = {};
    const options = {};
    for (const [key, field] of fields) {
      if (field.option.type === ATTACHMENT) {
        if (field.given()) attachments[key] = await encoded(field.file());
      } else if (field.given()) options[key] = field.value();
    }
    const problem = await act("discord/command", { ...where(), name: command.name, options, attachments });
    form.inert = false;
    if (problem) return showProblem(problem);
    end();
  }

  /** Assign files to the attachment options, in order. */
  function addFiles(files) {
    for (const file of files) {
      const free = [...fields.values()].find((field) => field.option.type === ATTACHMENT && !field.given());
      const next = left().find((option) => option.type === ATTACHMENT);
      if (!free && !next) return toast(`/${command.name} can't take more files.`);
      (free ?? add(next)).put(file);
    }
  }

  suggest(more, {
    label: "Further options",
    eager: false,
    find: (text) => left().filter((option) => option.name.includes(text.trim().toLowerCase())).map((option) => ({ title: option.name, hint: option.description, option })),
    choose: ({ option }) => ((more.value = ""), add(option).input.focus()),
  });
  form.onsubmit = send;
  form.onkeydown = (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName !== "BUTTON") send(event);
    if (event.key === "Backspace" && event.target === more && !more.value && !fields.size) end();
  };
  command.options.filter((option) => option.required).forEach(add);
  offer();
  return { form, addFiles, focus: () => ([...fields.values()][0]?.input ?? more).focus() };
}

function textField(option, context) {
  let chosen = null; // the suggestion that was chosen
  const offered = source(option, context);
  const free = option.type === STRING && !offered; // free text wraps
  const input = h(free ? "textarea" : "input", { rows: free ? 1 : undefined, "aria-label": option.name, "aria-required": String(Boolean(option.required)), title: option.description, maxlength: String(option.max_length ?? 6000) });
  const choose = (item) => {
    chosen = item;
    input.value = item.title;
    input.form.querySelector(".more-options:not([hidden])")?.focus();
  };
  if (offered) suggest(input, { label: `Choices for ${option.name}`, find: offered, choose });
  else input.placeholder = option.description;
  input.addEventListener("input", () => (chosen = null));
  const number = [INTEGER, NUMBER].includes(option.type);
  if (number && !offered) input.inputMode = "decimal";
  const typed = () => (number && input.value.trim() !== "" && !Number.isNaN(Number(input.value)) ? Number(input.value) : input.value.trim());
  const value = () => (chosen ?? offered?.named?.(input.value))?.value ?? typed();
  return { element: input, input, given: () => input.value.trim() !== "", value };
}

/** Returns a function that finds suggestions for a typed text, or null if anything may be typed. Its `named` finds an exact match. */
function source(option, { name, values }) {
  const matching = (items) => {
    const plain = (text) => text.trim().toLowerCase();
    const find = (text) => items().filter((item) => plain(item.title).includes(plain(text))).slice(0, 25);
    return Object.assign(find, { named: (text) => items().find((item) => plain(item.title) === plain(text)) });
  };
  const item = (title, value, hint) => ({ title, value, hint });
  if (option.autocomplete) {
    return async (text) => {
      const options = { ...values(), [option.name]: text };
      const found = await ask("discord/autocomplete", { body: { ...where(), name, options, focused: option.name } }).catch((error) => {
        if (!(error instanceof Refusal)) throw error;
        return { choices: [] };
      });
      return found.choices.map((choice) => item(choice.name, choice.value));
    };
  }
  if (option.choices) return matching(() => option.choices.map((choice) => item(choice.label, choice.value)));
  const people = () => (place.guild ? place.guild.members.map((member) => member.user) : members()).map((user) => item(called(user), user.id, user.username));
  const roles = () => (place.guild?.roles ?? []).map((role) => item(role.name, role.id, "role"));
  const channels = () => (place.guild?.channels ?? []).map((channel) => item(`#${channel.name}`, channel.id));
  const lists = { [BOOLEAN]: () => [item("True", true), item("False", false)], [USER]: people, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: () => [...people(), ...roles()] };
  return lists[option.type] ? matching(lists[option.type]) : null;
}

function fileField(option) {
  let file = null;
  const input = h("input", { type: "file", class: "visually-hidden", "aria-label": option.name, accept: accepted(option) });
  const words = h("span", { class: "file-name" }, "choose, drop or paste");
  const put = (given) => {
    file = given;
    words.textContent = given?.name ?? "choose, drop or paste";
  };
  input.onchange = () => put(input.files[0] ?? null);
  return { element: h("span", {}, input, words), input, put, file: () => file, given: () => file !== null, value: () => null };
}
