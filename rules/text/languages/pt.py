"""Portuguese."""

from agendad.rules.text.lexicon import Language

PORTUGUESE = Language(
    code="pt",
    opt_out="""
        não precisa de pauta, não é necessária pauta, pauta não necessária, não é preciso agenda,
        não precisa de agenda, sem necessidade de pauta, não precisamos de pauta, não é necessário agenda
    """,
    none_needed="""
        não necessária, não é necessária, não precisa, não é preciso, desnecessária
    """,
    placeholder="""
        a definir, a determinar, a confirmar, por definir, por confirmar, envio depois, vou enviar,
        enviarei, mando depois, vou mandar, compartilharei, vou compartilhar, partilharei, será enviada,
        será enviado, em breve, mais tarde, ainda não, preencher, inserir, adicionar aqui, escreva aqui,
        adicione a pauta, sem pauta, sem agenda, sem tema, nada em particular, nada específico,
        nada de especial, tema livre, vamos ver, logo vemos, não há pauta, a combinar, a decidir,
        a anunciar, a acertar, a ser definida, a ser definido, será definida, será definido, a preencher,
        vou adicionar, vou colocar, colocarei, adicionarei, depois envio, logo envio, por preencher,
        por decidir, em construção, enviaremos, mandaremos, compartilharemos, será compartilhada,
        serão enviados, na véspera, decidimos juntos, a gente decide, decidimos na hora, você decide,
        na hora, como você quiser
    """,
    null="""
        nenhum, nenhuma, nada, não se aplica, vazio, pendente
    """,
    heading="""
        pauta, ordem do dia, ordem de trabalhos, temas, tema, tópicos, tópico, assuntos, assunto, pontos,
        pontos a discutir, objetivo, objetivos, para discutir, minhas perguntas
    """,
    attached="""
        em anexo, ver anexo, segue anexo, segue em anexo, anexo, no documento, ver documento, ver notas,
        ver abaixo, veja abaixo, vide abaixo, conforme e mail, no e mail, meu e mail, mandei por e mail
    """,
    logistics="""
        sala, andar, recepção, elevador, estacionamento, endereço, estação, viajo, viajando, reservei,
        reservado, reservada, almoço, cantina, confirme, confirmem, mudei, mudado, mudada, mover, movi,
        movida, alterei, alterado, adiado, adiada, adiei, remarcar, remarcada, remarcado, remarquei,
        remarcamos, cancelar, cancelada, cancelado, ligo, entrar na, senha, doente, atrasado, atrasada,
        atraso, minutos, semanal, mensal, quinzenal, onde, quando, disponível, te serve, funciona para,
        vou me atrasar, vou atrasar, chego atrasado, te ligo, a sala, calendário, convite, horário,
        confirmar, fuso, disponibilidade, médico, dentista, imprevisto, mesmo lugar, lugar de sempre,
        mesma sala, mesmo link, link de sempre, meu escritório, no escritório, minha sala, mando o link,
        envio o link, o link, link
    """,
    social="""
        olá, oi, bom dia, boa tarde, prezado, prezada, obrigado, obrigada, muito obrigado, agradeço,
        até breve, até logo, até lá, até amanhã, até quinta, até já, nos vemos, espero, ótimo, que bom,
        cafezinho, colocar o papo em dia, bater papo, conversa informal, nos conhecer, conhecermos,
        parabéns, como vai, como você está, tudo bem, me avise, avise, avisa, diga me, se tiver, se quiser,
        fique à vontade, desculpe, abraço, abraços, meu nome é, sou, até terça, até segunda, até quarta,
        até sexta, boa semana, bom fim de semana, boa viagem, combinado, perfeito, de acordo, tudo certo,
        conforme combinado, como combinado, beijos, beijo, muito bom, prazer, caro, cara, animado, animada,
        ansioso, ansiosa, nos falamos, falamos na, por remarcar, feliz natal, feliz ano, ano novo, natal,
        boas festas, feliz páscoa, feliz, boa sorte, boa noite, bom descanso, bom feriado, boas férias,
        seu tempo, teu tempo, pelo tempo
    """,
    setting="""
        escritório, prédio, edifício, viagem, viajar, voo, trem, comboio, restaurante, ligação, telefone,
        virtual, presencial, férias, hora, horas, série, notas, metro, metrô, entrada, morada, presença,
        rua, fim de semana, aniversário, informal, lembrete, café, papo, aceitar, aceite, aceitem
    """,
    topic="""
        falar sobre, falar de, conversar sobre, vamos falar, sobre, revisar, rever, revisão de, revisão do,
        revisão da, discutir, debater, analisar, abordar, comentar, conselho, conselhos, ajuda com,
        feedback sobre, preparar, preparação, planejar, planear, decidir, dúvida sobre, dúvidas sobre,
        pergunta sobre, perguntas sobre, explorar, praticar, treinar, ensaiar, apresentar, mostrar,
        entender, perceber, aprender, como posso, como pedir, devo, opinião, problema com, problemas com,
        definir, lidar com, mostrar o, ouvir sua, sua opinião, trabalhar em, negociar, pedir, focar em,
        focar na, focar no, tirar dúvidas, orientação, preciso de ajuda, estou com dificuldade,
        dificuldade com, dificuldade em, travado, travada, gerir
    """,
    weak="""
        novidades, progresso, andamento, próximos passos, perguntas, pergunta, dúvidas, dúvida, outros,
        resumo, atualização, atualizações, metas, conquistas, desafios, encerramento
    """,
    person="""
        eu, você, vocês, ele, ela, nós, eles, me, te, se, lhe, meu, minha, meus, minhas, teu, tua, seu, sua,
        seus, suas, nosso, nossa, nossos, nossas, é, são, estou, está, estamos, foi, era, tenho, tem, temos,
        posso, pode, podemos, quero, queria, gostaria, vou, vai, vamos, devo, será
    """,
    filler="""
        o, os, a, as, um, uma, uns, umas, e, ou, mas, de, do, da, dos, das, em, no, na, nos, nas, ao, à,
        aos, às, com, sem, por, pelo, pela, para, pra, que, se, não, sim, mais, menos, muito, já, também,
        como, quem, este, esta, isto, esse, essa, isso, hoje, amanhã, ontem, semana, semanas, mês, meses,
        ano, dia, dias, segunda, terça, quarta, quinta, sexta, feira, sábado, domingo, janeiro, fevereiro,
        março, abril, maio, junho, julho, agosto, setembro, outubro, novembro, dezembro, favor, todo, todos,
        toda, algo, algum, alguma, cada, outro, outra, próximo, próxima, último, última, primeiro, primeira,
        reunião, reuniões, sessão, sessões, conversa, conversar, chamada, encontro, encontros, mentoria,
        mentor, mentora, mentorado, regular, habitual, falar, ver, ir, ser, fazer, bem, bom, boa, novo,
        nova, juntos, antes, depois, entre, até, desde, aqui, lá, porque, sempre, como sempre, nunca, quase,
        embora, enquanto, conforme, mesmo, mesma, mesmos, mesmas, tão, tanto, tanta, muita, muitos, muitas,
        pouco, pouca, poucos, outros, outras, vários, várias, qual, quais, quanto, quantos, além, agora,
        ainda, talvez, tal, vez, vezes, assim, então, só, somente, ninguém, alguém, qualquer, durante,
        contra, sob, fora, dentro, perto, longe, cima, baixo, dar, dou, dizer, digo, sei, saber, vem, venho,
        vir, sido, estado, coisa, coisas, parte, melhor, pior, maior, menor, grande, num, numa, dele, dela,
        deles, lugar, apenas, tudo, aí, ali, lhes, consigo, ficar, fica, fico
    """,
    closing="""
        atenciosamente, abraço, abraços, um abraço, obrigado, obrigada, cumprimentos,
        com os melhores cumprimentos, melhores cumprimentos, até breve, até logo, cordialmente, att, atte,
        abs, abç, abçs, abc, bjs, bj, bjo, bjos, beijo, beijos, beijinho, beijinhos, bom dia, boa semana,
        grande abraço, forte abraço, um grande abraço, com cumprimentos, saudações,
        os melhores cumprimentos, com estima, grato, grata, muito obrigado, muito obrigada, respeitosamente,
        até já, até lá, valeu, tks
    """,
    conference="""
        ingressar na reunião, clique aqui para ingressar, clique aqui para entrar na reunião,
        participe da reunião, computador aplicativo móvel, id da reunião, id de reunião, senha de acesso,
        ou ligue, discar por telefone, localizar um número local, para organizadores, opções da reunião,
        está convidando você para uma reunião zoom, ingressar na reunião zoom, entrar na reunião zoom,
        um toque, encontre seu número local, participar com o google meet, entrar com o google meet,
        ou disque, mais números de telefone, link da videochamada, nome do evento,
        desenvolvido por calendly, reunião do microsoft teams, ingresse pelo computador, baixar o teams,
        participar na web, participe agora, ingressar na reunião agora, opções de reunião, saiba mais,
        redefinir pin, pelo seu computador, entrar zoom, entrar na reunião,
        convidando você para uma reunião, reunião zoom
    """,
    conference_alone="""
        precisa de ajuda, saiba mais
    """,
)
