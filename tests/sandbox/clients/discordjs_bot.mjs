// A bot written with discord.js, as a stranger would: what it is asked for is in the command's prompt, or in its name.
import { readFileSync } from 'node:fs';
import {
  ActionRowBuilder, AttachmentBuilder, ButtonBuilder, ButtonStyle, Client, ContainerBuilder, ContextMenuCommandBuilder,
  EmbedBuilder, GatewayIntentBits, LabelBuilder, MediaGalleryBuilder, MediaGalleryItemBuilder, MessageFlags,
  ModalBuilder, SectionBuilder, SeparatorBuilder, SlashCommandBuilder, StringSelectMenuBuilder, TextDisplayBuilder,
  TextInputBuilder, TextInputStyle,
} from 'discord.js';

const png = readFileSync(new URL('fox.png', import.meta.url));
const file = (name) => new AttachmentBuilder(png, { name, description: 'A fox' });
const shards = Number(process.env.SHARDS ?? 1);
const { Guilds, GuildMembers, GuildMessages, GuildMessageReactions } = GatewayIntentBits;

const client = new Client({
  intents: [Guilds, GuildMembers, GuildMessages, GuildMessageReactions],
  shards: [...Array(shards).keys()],
  shardCount: shards,
  presence: { activities: [{ name: 'foxes' }] },
  rest: { api: process.env.DISCORD_API.replace(/\/v10$/, '') },
});

function layout(text, ...pictures) {
  const box = new ContainerBuilder().setAccentColor(0xff8800);
  box.addTextDisplayComponents(new TextDisplayBuilder().setContent(text));
  if (pictures.length) {
    const items = pictures.map((name) => new MediaGalleryItemBuilder().setURL(`attachment://${name}`).setDescription('A fox'));
    box.addMediaGalleryComponents(new MediaGalleryBuilder().addItems(items));
  }
  box.addSeparatorComponents(new SeparatorBuilder());
  box.addSectionComponents(
    new SectionBuilder()
      .addTextDisplayComponents(new TextDisplayBuilder().setContent('More of it'))
      .setButtonAccessory(new ButtonBuilder().setCustomId('details').setLabel('Details').setStyle(ButtonStyle.Primary)),
  );
  const words = new ButtonBuilder().setCustomId('words').setLabel('Words').setStyle(ButtonStyle.Secondary).setEmoji('🔎');
  const pick = new StringSelectMenuBuilder()
    .setCustomId('pick')
    .addOptions({ label: 'A', value: 'a' }, { label: 'B', value: 'b' });
  box.addActionRowComponents(new ActionRowBuilder().addComponents(words));
  box.addActionRowComponents(new ActionRowBuilder().addComponents(pick));
  return box;
}

const commands = [
  new SlashCommandBuilder()
    .setName('imagine')
    .setDescription('Make a picture')
    .addStringOption((one) => one.setName('prompt').setDescription('What').setRequired(true).setMaxLength(100))
    .addStringOption((one) => one.setName('model').setDescription('How').setAutocomplete(true))
    .addAttachmentOption((one) => one.setName('reference').setDescription('From what'))
    .addUserOption((one) => one.setName('who').setDescription('For whom')),
  new SlashCommandBuilder().setName('look').setDescription('Look around'),
  new ContextMenuCommandBuilder().setName('Repeat').setType(3),
];

const imagine = {
  async now(it) {
    const picture = it.options.getAttachment('reference');
    const { byteLength } = await (await fetch(picture.url)).arrayBuffer();
    const who = it.options.getUser('who').username;
    await it.reply({ content: `${picture.name}, ${byteLength} bytes, for ${who}`, files: [file('a.png')] });
  },
  async later(it) {
    await it.deferReply();
    const shown = await it.editReply({ content: 'later', files: [file('a.png'), file('b.png')] });
    await it.editReply({ attachments: [shown.attachments.first()], files: [file('c.png')] });
    await it.followUp({ content: 'psst', flags: MessageFlags.Ephemeral });
  },
  async private(it) {
    await it.deferReply({ flags: MessageFlags.Ephemeral });
    await it.editReply({ components: [layout('only you')], flags: MessageFlags.IsComponentsV2 });
  },
  async layout(it) {
    await it.reply({ components: [layout('a fox')], flags: MessageFlags.IsComponentsV2 });
    const files = [file('a.png'), file('b.png')];
    await it.editReply({ components: [layout('two foxes', 'a.png', 'b.png')], files });
  },
};

async function lookAround(it) {
  await it.deferReply();
  const guild = await it.guild.fetch();
  const seen = {
    guild: guild.name,
    count: guild.approximateMemberCount,
    channels: (await guild.channels.fetch()).size,
    roles: (await guild.roles.fetch()).size,
    members: (await guild.members.list({ limit: 100 })).size,
    cached: (await guild.members.fetch()).size,
    history: (await it.channel.messages.fetch({ limit: 2 })).size,
    shards: client.ws.shards.size,
  };
  await it.editReply(JSON.stringify(seen));
}

async function pressed(it) {
  if (it.customId === 'details') {
    await it.reply({ content: 'details', flags: MessageFlags.Ephemeral });
  } else if (it.customId === 'words') {
    const input = new TextInputBuilder().setCustomId('said').setStyle(TextInputStyle.Short).setMaxLength(50);
    const label = new LabelBuilder().setLabel('Words').setTextInputComponent(input);
    await it.showModal(new ModalBuilder().setCustomId('modal').setTitle('Words').addLabelComponents(label));
  } else {
    await it.deferUpdate();
    await it.editReply({ components: [layout(`picked ${it.values[0]}`)], attachments: [] });
  }
}

client.on('interactionCreate', async (it) => {
  if (it.isAutocomplete()) {
    const typed = it.options.getFocused();
    await it.respond([{ name: `${typed}-5`, value: `${typed}-5.0` }]);
  } else if (it.isModalSubmit()) {
    await it.update({ components: [layout(`said ${it.fields.getTextInputValue('said')}`)], attachments: [] });
  } else if (it.isMessageComponent()) {
    await pressed(it);
  } else if (it.commandName === 'Repeat') {
    await it.reply(`again: ${it.targetMessage.content}`);
  } else if (it.commandName === 'look') {
    await lookAround(it);
  } else {
    await imagine[it.options.getString('prompt')](it);
  }
});

client.on('messageCreate', async (message) => {
  if (message.author.bot || !message.mentions.has(client.user)) return;
  await message.react('🔥');
  const embed = new EmbedBuilder().setTitle('Fox').setImage('attachment://fox.png');
  await message.reply({ content: 'heard', embeds: [embed], files: [file('fox.png')] });
});

client.once('clientReady', () => client.application.commands.set(commands));
client.on('error', (error) => console.error(error));
process.on('SIGTERM', async () => {
  await client.destroy();
  process.exit(0);
});
await client.login(process.env.DISCORD_TOKEN);
