"""Portuguese."""

from agendad.rules.text.lexicon import Language

PORTUGUESE = Language(
    code="pt",
    opt_out="""
        não precisa de pauta, não é necessária pauta, pauta não necessária, não é preciso agenda,
        não precisa de agenda, sem necessidade de pauta, não precisamos de pauta,
        não é necessário agenda
    """,
    none_needed="""
        não necessária, não é necessária, não precisa, não é preciso, desnecessária
    """,
    placeholder="""
        a definir, a determinar, a confirmar, por definir, por confirmar, envio depois, vou enviar,
        enviarei, mando depois, vou mandar, compartilharei, vou compartilhar, partilharei,
        será enviada, será enviado, em breve, mais tarde, ainda não, preencher, inserir,
        adicionar aqui, escreva aqui, adicione a pauta, sem pauta, sem agenda, sem tema,
        nada em particular, nada específico, nada de especial, tema livre, vamos ver, logo vemos,
        não há pauta
    """,
    null="""
        nenhum, nenhuma, nada, não se aplica, vazio, pendente
    """,
    heading="""
        pauta, ordem do dia, ordem de trabalhos, temas, tema, tópicos, tópico, assuntos, assunto,
        pontos, pontos a discutir, objetivo, objetivos, para discutir, minhas perguntas
    """,
    attached="""
        em anexo, ver anexo, segue anexo, segue em anexo, anexo, no documento, ver documento,
        ver notas
    """,
    logistics="""
        sala, escritório, prédio, edifício, andar, recepção, entrada, elevador, estacionamento,
        endereço, morada, rua, estação, metrô, metro, comboio, trem, voo, viagem, viajo, viajando,
        viajar, reservei, reservado, reservada, restaurante, almoço, cantina, aceitar, aceite, aceitem,
        confirmar, confirme, confirmem, presença, mudei, mudado, mudada, mover, movi, movida, alterei,
        alterado, adiado, adiada, adiei, remarcar, remarcada, remarcado, remarquei, remarcamos,
        cancelar, cancelada, cancelado, horário, calendário, convite, ligação, telefone, ligo,
        entrar na, senha, fuso, virtual, presencial, férias, doente, atrasado, atrasada, atraso,
        minutos, hora, horas, série, semanal, mensal, quinzenal, onde, quando, disponível,
        disponibilidade, notas, te serve, funciona para
    """,
    social="""
        olá, oi, bom dia, boa tarde, caro, cara, prezado, prezada, obrigado, obrigada, muito obrigado,
        agradeço, até breve, até logo, até lá, até amanhã, até quinta, até já, nos vemos, ansioso,
        ansiosa, animado, animada, prazer, espero, ótimo, que bom, café, cafezinho,
        colocar o papo em dia, papo, bater papo, conversa informal, nos conhecer, conhecermos,
        fim de semana, aniversário, parabéns, como vai, como você está, tudo bem, me avise, avise,
        avisa, diga me, se tiver, se quiser, fique à vontade, desculpe, lembrete, abraço, abraços,
        meu nome é, sou, informal
    """,
    topic="""
        falar sobre, falar de, conversar sobre, vamos falar, sobre, revisar, rever, revisão de,
        revisão do, revisão da, discutir, debater, analisar, abordar, comentar, conselho, conselhos,
        ajuda com, feedback sobre, preparar, preparação, planejar, planear, decidir, dúvida sobre,
        dúvidas sobre, pergunta sobre, perguntas sobre, explorar, praticar, treinar, ensaiar,
        apresentar, mostrar, entender, perceber, aprender, como posso, como pedir, devo, opinião,
        problema com, problemas com, definir
    """,
    weak="""
        novidades, progresso, andamento, próximos passos, perguntas, pergunta, dúvidas, dúvida, outros,
        resumo, atualização, atualizações, metas, conquistas, desafios, encerramento
    """,
    person="""
        eu, você, vocês, ele, ela, nós, eles, me, te, se, lhe, meu, minha, meus, minhas, teu, tua, seu,
        sua, seus, suas, nosso, nossa, nossos, nossas, é, são, estou, está, estamos, foi, era, tenho,
        tem, temos, posso, pode, podemos, quero, queria, gostaria, vou, vai, vamos, devo, será
    """,
    filler="""
        o, os, a, as, um, uma, uns, umas, e, ou, mas, de, do, da, dos, das, em, no, na, nos, nas, ao,
        à, aos, às, com, sem, por, pelo, pela, para, pra, que, se, não, sim, mais, menos, muito, já,
        também, como, quem, este, esta, isto, esse, essa, isso, hoje, amanhã, ontem, semana, semanas,
        mês, meses, ano, dia, dias, segunda, terça, quarta, quinta, sexta, feira, sábado, domingo,
        janeiro, fevereiro, março, abril, maio, junho, julho, agosto, setembro, outubro, novembro,
        dezembro, favor, todo, todos, toda, algo, algum, alguma, cada, outro, outra, próximo, próxima,
        último, última, primeiro, primeira, reunião, reuniões, sessão, sessões, conversa, conversar,
        chamada, encontro, encontros, mentoria, mentor, mentora, mentorado, regular, habitual, falar,
        ver, ir, ser, fazer, bem, bom, boa, novo, nova, juntos, antes, depois, entre, até, desde, aqui,
        lá, porque
    """,
    closing="""
        atenciosamente, abraço, abraços, um abraço, obrigado, obrigada, cumprimentos,
        com os melhores cumprimentos, melhores cumprimentos, até breve, até logo, cordialmente
    """,
    conference="""
        ingressar na reunião, clique aqui para ingressar, clique aqui para entrar na reunião,
        participe da reunião, computador aplicativo móvel, id da reunião, id de reunião,
        senha de acesso, ou ligue, discar por telefone, localizar um número local, para organizadores,
        opções da reunião, está convidando você para uma reunião zoom, ingressar na reunião zoom,
        entrar na reunião zoom, um toque, encontre seu número local, participar com o google meet,
        entrar com o google meet, ou disque, mais números de telefone, link da videochamada,
        nome do evento, desenvolvido por calendly
    """,
    conference_alone="""
        precisa de ajuda, saiba mais
    """,
)
