"""What members write, by language: chat, which is never charged unasked, and instructions."""

from __future__ import annotations

CHAT: dict[str, str] = {
    "en": """
        nice one! | thanks | All good | thank you so much | wow | omg so cute | lol | lmaooo
        this is so beautiful, thank you so much | love it | I love this | not bad | perfect | again! | more!
        wtf | nope | no way | same | first | bruh | hot | ayo | based | sick | W | kek | gg | fire | goat
        that's hilarious | why is it red? | what model is this? | how did you do that | makes sense
        make sense | keep it up | give me a break | draw! | haha | HAHAHA | 😂😂 | <:kek:1> | :) | ❤️
        https://x.com/a | that looks like my cat | my dog would love that | who made this one
        is this AI generated? | I think this is better than mine | the second one looks better
        the fox looks sad | someone should frame this | everyone is talking about this one | nice colors
        love the colors | beautiful sunset | the sunset is amazing | did you make this with the new model
        going to bed now, see you tomorrow | first one is better | so good omg | that reminds me of home
        we should print this | this should win an award | happy birthday!! | good bot | chef's kiss | big W
        with pleasure | in love | crop looks good | clean work | smooth | light work | cool cool cool
        no idea what this is | my eyes!! | poor fox | what a lovely picture of the fox | try again | do it
        let's go | 123 | 10/10 | 100% | +1 | idk man | ok | okay | sure | yes please | no thanks
        you're the best | best one so far | can you believe this? | are you kidding me | how much does it cost
        wait what | I'd hang this on my wall | frame it | rip | not my favorite | a bit too dark for me
        lunch at noon then? | imagine being this good | looks like a painting | is that a hat?
        good morning everyone | turned out great | have a nice day | have you seen this | show off
        makes my day | colour me impressed | this one | number two | i want this as my wallpaper
    """,
    "de": """
        danke | Danke schön! | vielen dank dir | super | sehr schön | schön geworden | toll | geil | krass
        haha | wie süß | was ist das? | das ist ja mega | ich liebe es | gefällt mir | nicht schlecht
        alles gut | mach weiter | macht sinn | gut gemacht | guten morgen | sieht gut aus
        das sieht aus wie meine Katze | wer hat das gemacht | lass mal | mal sehen | nochmal | noch eins bitte
        ist das KI? | der Fuchs ist süß | so ein schönes Bild | Hammer | läuft | kein problem | voll gut
        ehrlich gesagt finde ich das erste besser | lol | boah alter | ja | nein | stimmt | genau das
        das erste ist besser
    """,
    "es": """
        gracias | muchas gracias | qué bonito | jajaja | me encanta | me gusta mucho | genial | increíble
        no está mal | qué es esto? | quién hizo esto | parece mi gato | está muy bien | buen trabajo | hola
        buenos días | otra vez | otro | más | wow | qué chulo | esto es precioso | yo quiero uno | da igual
        dale | todo bien | perfecto | jeje | muy bueno | se ve genial | la primera es mejor | eres el mejor
        no sé | claro que sí | gracias bot | qué risa | de nada | te quedó genial | hostia qué bueno
        madre mía
    """,
    "fr": """
        merci | merci beaucoup | mdr | mdrrrr | ptdr | trop beau | c'est magnifique | j'adore | pas mal | super
        génial | bravo | bien joué | qui a fait ça ? | c'est quoi ? | on dirait mon chat | il est trop mignon
        beau travail | salut | bonjour à tous | encore | une autre | wow | nickel | ça va
        je préfère la première | laisse tomber | fais voir | oui | non | carrément | la première est mieux
        de rien | trop drôle | bonne nuit | quelle belle image | ouf | stylé | magnifique | avec plaisir
    """,
    "pt": """
        obrigado | obrigada | valeu | kkkk | kkkkkkkk | rsrs | que lindo | ficou ótimo | ficou lindo demais
        muito bom | adorei | amei | nossa | parabéns | o que é isso? | quem fez isso | parece meu gato | legal
        top | massa | show de bola | bom dia | de novo | mais um | sim | não | faz sentido | dá medo | tudo bem
        que fofo | perfeito | haha | eu quero um | isso é incrível | a primeira é melhor | mandou bem | caramba
        de nada | não sei | arrasou
    """,
    "ja": """
        ありがとう | ありがとうございます | かわいい | すごい | 草 | 笑 | www | やばい | 最高 | 神 | いいね
        これ好き | 好き | なにこれ | これは何ですか？ | うちの猫みたい | おはよう | おつかれ | 天才 | きれい
        めっちゃかわいい | 上手ですね | もう一回 | 次 | はい | いいえ | どうして | 教えて | 見て | 待って
        なるほど | 面白い | 尊い | おめでとう | まじで | 8888 | えぐい | さすがです | 怖い | 素敵ですね
    """,
    "zh": """
        谢谢 | 多谢 | 哈哈哈 | 哈哈 | 666 | 太棒了 | 好看 | 真好看 | 太可爱了 | 不错 | 牛逼 | 厉害 | 这是什么？
        谁做的 | 好像我家的猫 | 我喜欢 | 喜欢 | 漂亮 | 绝了 | 笑死 | 你好 | 早上好 | 再来一张 | 下一个 | 加油
        给力 | 画得真好 | 画的真好 | 做得好 | 让我笑死 | 对 | 是的 | 好的 | 为什么是红色的 | 这张更好看
        第一张更好 | 爱了 | 哇 | 赞 | 收藏了
    """,
    "more": """
        never gonna give you up | ok boomer | lets goooo | gotta love it | hahahaha no | u made my day bro
        make my day | made with midjourney? | turn down for what | move along | put it on my wall
        can you send me the original | can you explain how this works | could you tell me the price
        add me on discord | keep them coming | draw me like one of your french girls lol
        give this man a medal | let me know when it's done | let him rest | have a good night | try harder
        show me more of these | delete this | fix your bot | stop | change my view | leave my cat alone
        use code FOX for 10% off | combine harvester vibes | blend in much? lol | crop top looks nice
        zoom call in 5 | photoshop skills on point | paint is drying faster | draw the line somewhere man
        set me free | red is my favorite color | red flag | black lives matter | green with envy
        white people be like | orange man bad | gold | sketchy | dark | night night | good night
        night everyone | happy new year | merry christmas | portrait of dorian gray vibes | text me later
        text me | eyes are off | the eyes are a bit off | hair looks weird | cute hat | that hat tho
        nice hat bro | the background is amazing | background slaps | why the long face | face palm
        summer vibes | summer is coming | snow already? | spring cleaning | autumn is my fav season
        hd please lol | light mode user | realistic af | too realistic | so realistic | very realistic
        ghibli vibes | anime girl supremacy | anime when | logo idea approved | sold
        shut up and take my money | 10/10 would buy | two thumbs up | some people just have talent
        three cheers | a masterpiece | a work of art | a true artist | a lot of detail here | an absolute unit
        in awe of the size of this lad | in my humble opinion it's mid | as if | as always
        with friends like these lol | with my luck it breaks | without you nothing works | more like it
        more info? | less talk | more power to you | for the win | from me to you | to the moon | on god
        no shot | no balls | nooooo | yessss | yuuup | thx m8 | ty ty | ty! | tyvm sir | appreciate you | bless
        amen | preach | facts. | this ^ | ^ | this | ^^ | :fire: | 🔥🔥🔥 | 💀 | me when | me irl
        literally me | he just like me fr | she's gorgeous | they did a good job | who's a good boy | brb | gtg
        afk | hello there | general kenobi | what a time to be alive | what the fox say | ring ding ding
        lore accurate | canon | headcanon accepted | W bot | L take | ratio | mid | cap | no cap fr | skibidi
        sus | among us | ez | gg wp | pog | poggers | pogchamp | kekw | copium | monkaS | sadge
        based and redpilled | touch grass | go off king | slay queen | yas | iconic | vibe check
        certified hood classic | understandable have a great day | F in the chat | press F
        new wallpaper unlocked | stealing this | yoink | saved | bookmarked | pinned | following | +rep
        reported | downvoted | upvoted | following for more | part 2? | source? | sauce | prompt? | prompt pls
        what prompt | seed? | share the prompt please | can I use this? | is this free? | how many credits left
        how much | price? | who | when | huh | hm | uhh | wait | oh | oh no | uh oh | oops | my bad
        sorry wrong reply | wrong channel | wrong picture | testing | test 123 | hello? | anyone here?
        bot dead? | bot is down? | is it broken | nothing happens | it doesn't work | doesn't work
        not working | broken | bug? | error again | still waiting | loading... | slow today | took long enough
        finally | fast | so fast | quick! | that was quick | danke für das Bild | Danke, perfekt so!
        ein echtes Meisterwerk | das kann ich gebrauchen | mit freundlichen Grüßen | mit dir immer | ohne Worte
        ohne Scheiß jetzt | im Leben nicht | im Ernst jetzt | wie geil ist das denn | mach dir nichts draus
        lass uns morgen weitermachen | zeig das mal deiner Mutter | nimm mich mit | setz dich hin
        schwarz ist das neue weiß | rot ist meine Lieblingsfarbe | Nacht zusammen | gute nacht euch
        Stil hat er ja | die Augen sind gruselig | der Hintergrund ist toll | blau machen lol | alles super
        voll süß ey | kannst du mir sagen wie das geht | könntest du mir helfen | bild des tages
        das beste Bild bisher | meine Katze heißt auch Fuchs | gracias por la foto | qué pasada de foto
        con mucho gusto | sin comentarios | en serio | como debe ser | una obra de arte | me lo quedo de fondo
        el fondo es precioso | los ojos dan miedo | rojo es mi color favorito | buenas noches a todos
        pon más de estos jaja | mira qué bonito | dale like | haz lo que quieras | quiero uno igual
        puedes decirme cómo lo hiciste | podrías explicarme | merci pour l'image | avec toi toujours
        sans commentaire | en vrai c'est beau | une œuvre d'art | le fond est superbe | les yeux font peur
        rouge c'est ma couleur préférée | fais ce que tu veux | tu peux m'expliquer | donne moi ton prompt
        quel style | comme prévu | dans mes rêves | obrigado pela foto | com certeza | sem comentários
        uma obra de arte | o fundo é lindo | os olhos dão medo | vermelho é minha cor favorita
        boa noite pessoal | faz o que quiser | você pode me explicar | me passa o prompt | que estilo
        na moral | 謝謝你的圖 | 背景真好看 | 眼睛有点吓人 | 红色是我最喜欢的颜色 | 晚安大家
        你能告诉我怎么做的吗 | 可以分享提示词吗 | 这个背景绝了 | 画风好棒 | 用的什么模型啊 | 加个好友
        给大佬递茶 | 放大看更好看 | 背景がきれい | 目が怖い | 赤が好き | おやすみみんな | どうやって作ったの
        プロンプト教えて | 壁紙にした | 保存しました | 夜景きれい | この色好き | うちの犬に似てる
        すごく上手に描けてる
    """,
    "idioms": """
        keep rocking | lighten up | brighten my day | fill the void | make sure to save it | make it official
        let's see | schreib das auf | cambia mi vida | fais péter | troca ideia | 動画にして | 把图发我
        keep dreaming | show it to your mom | let that sink in | make it stop | make it make sense
        make no mistake | make up your mind | hide the pain harold | correct | correct me if I'm wrong
        change of plans | try that in a small town | fill in the blanks | paint job is clean | draw what?
        write that down | wrap it up | raise the bar | strip club vibes | zoom zoom | stretch goals | improve?
        simplify that for me? | restore faith in humanity | combine and conquer | imagine dragons | do your job
        let there be light | let him in | leave no trace | give peace a chance | place your bets
        put a smile on my face | use your imagination | use this as pfp | have a cookie | bring the noise
        show me the money | light it up | close enough | must be nice | must have | rather good | that must hurt
        mods should pin this | it should win a prize | we need to talk about it
        instead of working I look at this | with great power comes great responsibility | with any luck
        without further ado | a man of culture | an instant classic for me | in the bin it goes | red alert
        silver lining | golden retriever energy | the smile gets me | eyes on the prize | #1 fan | 16:9 gang
        mach dir nichts draus | mach kein Scheiß | gib ihm | zeig mir mehr | ändere nichts | behalt das
        versuch's mal | dreh dich um | Hut ab! | ohne Frage | mit so was hab ich nicht gerechnet
        das soll Kunst sein | zwei Daumen hoch dafür | hazme caso | pon atención | cambia de tema
        deja que me ría | abre los ojos | borra tu cuenta | reduce mi ansiedad | crea adicción | incluye IVA?
        dale un premio | con permiso | debe ser broma | fais attention | mets la gomme | change pas
        laisse faire | garde le sourire | ferme les yeux | améliore mon humeur | rouge de honte | sans façon
        plutôt stylé | il faut que je dorme | faz favor | bota fé | tira uma foto | deixa o cara
        colora meu dia | melhora isso aí | gera renda? | sem noção | deve ser foda | 早くして | 静かにして
        これください
        元気出して | 結婚して | よろしくお願いします | 食べたい | 加班中 | 变了 | 换头像了 | 删了吧 | 画家
        画面真好 | 让人感动 | 给个好评 | 放松 | 修图大师 | 转账
        模糊了我的双眼 | 保持队形 | 把我笑死了 | 应该给钱 | 红了
    """,
}

INSTRUCTIONS: dict[str, str] = {
    "en": """
        make it night | make it a watercolor | add a hat | remove the background | change the sky to pink
        turn it into a painting | can you make it darker? | please add some snow | **make** it night
        Make It Night!! | put a hat on him | with a blue hat | #333 background | #000 | #FF0000 dress | #fff sky
        in the style of van gogh | remove bg
        all the people should wear hats | ALL CAPS text on the sign | all the leaves turn red
        the dog should be blue | in black and white please | now make it snow | ok now add a fox
        could you remove the car please | give him a beard | replace the sky with stars | crop it to the face
        zoom out | brighten the face | let it snow | draw a cat next to it | turn the leaves red | upscale
        sharpen it | keep the background but change the sky | extend the image to the left | paint the car red
        swap the faces | colorize | fix the hands | get rid of the text | everything in black and white
        as an oil painting | w/o the hat | let's make it night | I want you to make it night
        you should add a hat | make it better | make it pretty | let's add a dragon
    """,
    "looks": """
        blue eyes please | bigger smile | All white background | pink hair | sunset background | golden hour lighting
        pixar style | anime style | blauer Hintergrund | fondo azul | fond bleu | fundo azul
        白背景で | 白色背景 | 油画风格
    """,
    "de": """
        mach es nachts | mach Nacht daraus | füge einen Hut hinzu | entferne den Hintergrund | ändere die Farbe
        bitte mach es dunkler | kannst du den Hut entfernen | kannst du es heller machen | im Stil von Van Gogh
        male einen Fuchs | lösche den Text | ersetze den Himmel | mach mal den Himmel rot
        jetzt noch Schnee hinzufügen | alle Leute sollen Hüte tragen | der Hund soll blau sein
    """,
    "es": """
        hazlo de noche | haz que sea de noche | pon un sombrero | ponle un sombrero | quita el fondo
        cambia el color a rojo | añade nieve | por favor quita el coche | puedes hacerlo más oscuro
        en blanco y negro | elimina el texto | agrega un gato | convierte esto en acuarela
        todas las personas con sombrero
    """,
    "fr": """
        mets un chapeau | fais-le de nuit | rends-le plus sombre | ajoute de la neige | enlève le fond
        change la couleur | tu peux enlever le texte ? | s'il te plaît ajoute un chat
        transforme en scène de nuit | transformez-le en dessin | supprime le texte | remplace le ciel
        peins le en rouge
    """,
    "pt": """
        faça de noite | faz de noite | coloca um chapéu | coloque neve | tira o fundo | remova o texto
        mude a cor para azul | adicione um gato | por favor tire o carro | você pode tirar o fundo?
        transforme em noite | deixa mais escuro | troca o céu | muda o fundo | pinta de vermelho
    """,
    "ja": """
        夜にして | 背景を消して | 帽子を追加して | もっと明るくして | 空を赤に変えて | 水彩画風にして
        夜景にしてください | 猫を描いて | 背景を白でお願いします | 文字を消してください
        アニメ風に | 背景を変えてください | 雪を降らせてください | 髪を短くして | 笑顔にして | 色を変えて
    """,
    "zh": """
        改成夜晚 | 把背景换成白色 | 加一顶帽子 | 去掉背景 | 变成水彩画 | 让它更亮 | 请把天空变红 | 帮我加点雪
        能不能去掉文字 | 换个背景 | 画一只猫 | 删掉文字 | 给他戴个帽子
        调亮一点 | 转成动漫风格 | 放大
    """,
}

# Up to three words without a verb, which praise as well as they ask.
SHORT: dict[str, str] = {
    "en": """
        night | more contrast | as a sketch | without the car | 4k | black and white | with snow
    """,
    "de": """
        mit Hut | ohne Auto | schwarzweiß | als Skizze | mehr Kontrast | bei Nacht
    """,
    "es": """
        de noche | con sombrero | sin el coche | como un boceto | más contraste
    """,
    "fr": """
        noir et blanc | avec un chapeau | sans la voiture | de nuit | en aquarelle | plus de contraste
    """,
    "pt": """
        preto e branco | com chapéu | sem o carro | como um esboço
    """,
    "ja": """
        夜景 | 帽子なしで | モノクロで
    """,
    "zh": """
        黑白 | 夜景
    """,
}


def each(texts: dict[str, str]) -> list[str]:
    """Every one of them."""
    lines = (line for text in texts.values() for line in text.splitlines())
    return [said.strip() for line in lines for said in line.split(" | ") if said.strip()]
