// The current member and channel, kept in the page's address, and the world around them.

export const place = { world: null, user: null, guild: null, channel: null };

const GUILD_CATEGORY = 4, PRIVATE_THREAD = 12, FORUMS = [15, 16];

/** Replace the world, and stay in the same channel if it still exists. */
export function settle(world) {
  place.world = world;
  const [user, channel] = decodeURIComponent(location.hash.slice(1)).split("/");
  go(user || "ada", channel || "general");
}

/** Switch to a user in a channel ("dm", a name or an id), or to the first channel that they can see. */
export function go(userName, channelName) {
  const people = members();
  place.user = people.find((one) => [one.username, one.id].includes(userName)) ?? people[0];
  const mine = guilds();
  const inServers = mine.flatMap((guild) => [...rooms(guild), ...threads(guild)].map((channel) => ({ guild, channel })));
  const found = [...inServers, ...groups().map((channel) => ({ guild: null, channel }))];
  const there = found.find(({ channel }) => channel.id === channelName) ?? found.find(({ channel }) => channel.name === channelName);
  const { guild, channel } = channelName === "dm" ? dm() : there ?? found[0] ?? dm();
  Object.assign(place, { guild, channel });
  history.replaceState(null, "", `#${place.user.username}/${channel.thread_metadata ? channel.id : guild || channel.recipients ? channel.name : "dm"}`);
}

/** A server's channels, without its categories. */
export const rooms = (guild) => guild.channels.filter((one) => one.type !== GUILD_CATEGORY);
export const categories = (guild) => guild.channels.filter((one) => one.type === GUILD_CATEGORY);
export const holdsPosts = (channel) => FORUMS.includes(channel.type);

/** The threads that the member can see: private ones only as their member or as the server's owner. */
export const threads = (guild) =>
  guild.threads.filter((one) => one.type !== PRIVATE_THREAD || guild.owner_id === place.user.id || place.world.thread_members[one.id]?.includes(place.user.id));

export const groups = () => place.world.groups.filter((group) => group.recipients.some((one) => one.id === place.user.id));

const dm = () => ({ guild: null, channel: { id: "dm", name: place.world.bot.username } });
export const where = () => ({ user: place.user.id, channel: place.channel.id });
/** The member's language, chosen as in Discord's own settings. */
export const locale = () => place.world?.locales[place.user.id] ?? "en-US";
export const members = () => place.world.users.filter((user) => !user.bot);
export const user = (id) => place.world.users.find((one) => one.id === id);
export const name = (id) => memberOf(place.guild, id)?.nick ?? called(user(id) ?? { username: "unknown user" });
export const called = (one) => one.global_name ?? one.username;
export const role = (id) => place.world.guilds.flatMap((guild) => guild.roles).find((one) => one.id === id);
export const channelName = (id) => place.world.guilds.flatMap((guild) => [...guild.channels, ...guild.threads]).find((one) => one.id === id)?.name;
export const memberOf = (guild, id) => guild?.members.find((one) => one.user.id === id);
export const guilds = () => place.world.guilds.filter((guild) => memberOf(guild, place.user.id));

/** A short description of a member's position in a server. */
export function rank(guild, id) {
  if (guild.owner_id === id) return "Owner";
  return memberOf(guild, id).roles.map((one) => role(one).name).join(", ") || "Member";
}
