"""Spanish."""

from agendad.rules.text.lexicon import Language

SPANISH = Language(
    code="es",
    opt_out="""
        no hace falta agenda, no se necesita agenda, no es necesaria agenda, sin necesidad de agenda,
        no hace falta orden del día, no se requiere agenda, no es necesario agenda, no necesitamos agenda
    """,
    none_needed="""
        no hace falta, no es necesaria, no necesaria, no se necesita, no se requiere, no requerida
    """,
    placeholder="""
        por definir, por determinar, por confirmar, pendiente de definir, a definir, a confirmar, lo envío,
        la envío, la enviaré, lo enviaré, enviaré, te enviaré, te mando, mandaré, te paso, compartiré,
        se enviará, se compartirá, próximamente, más adelante, aún no, todavía no, añadir aquí, agrega aquí,
        agregar aquí, escribe aquí, completar, rellenar, por rellenar, inserta, insertar, sin agenda,
        sin temas, sin orden del día, nada en particular, nada especial, tema libre, lo que surja,
        ya veremos, no hay agenda, añade la agenda, añade tu agenda, por concretar, por acordar,
        por decidir, por anunciar, por completar, se definirá, se definirán, lo vemos, lo vemos luego,
        añadiré, agregaré, pondré, los temas los, por ver, pendiente de confirmar, en breve,
        por confirmarse, enviaremos, mandaremos, compartiremos, los enviaré, se enviarán, decidimos juntos,
        lo decidimos, sobre la marcha, a tu elección, lo que quieras, como quieras
    """,
    null="""
        ninguno, ninguna, nada, no aplica, pendiente, vacío
    """,
    heading="""
        orden del día, temas, tema, puntos, puntos a tratar, temas a tratar, para tratar, objetivo,
        objetivos, asuntos, mis preguntas, de qué hablaremos, temario, para hablar
    """,
    attached="""
        ver adjunto, ver documento, adjunto, adjunta, en el documento, ver notas, véase adjunto, ver abajo,
        ver más abajo, véase abajo, como te comenté por correo, según el correo, te lo mandé por correo,
        en el correo, mi correo
    """,
    logistics="""
        sala, recepción, ascensor, aparcamiento, estacionamiento, calle, estación, viajo, viajando, reservé,
        reservado, reservada, reserva, almuerzo, cafetería, confirma, confirmen, moví, movido, movida,
        muevo, cambié, cambiado, aplazada, pospuesta, pospuesto, posponer, reprogramar, reprogramada,
        reprogramado, cancelar, cancelada, cancelado, te viene bien, viene bien, te va bien, invitación,
        llámame, unirse, únete, contraseña, en línea, nos vemos en, quedamos en, enfermo, enferma, llegaré,
        minutos, semanal, mensual, dónde, cuándo, conecto, disponible, te llamo, llamaré, al móvil,
        tercera planta, a las, te viene, el enlace, la sala, reservé la, calendario, enlace, llamo,
        confirmar, asistencia, disponibilidad, tarde, horario, zona horaria, médico, dentista, imprevisto,
        mi despacho, tu despacho, en mi despacho, mi oficina, tu oficina, en la oficina, el sitio,
        mismo sitio, mismo lugar, lugar de siempre, sitio de siempre, enlace de siempre, mismo enlace
    """,
    social="""
        hola, buenos días, buenas tardes, querido, querida, estimado, estimada, gracias, muchas gracias,
        agradezco, nos vemos, hasta pronto, hasta luego, hasta mañana, hasta entonces, ganas,
        ganas de verte, encantado, encantada, emocionado, emocionada, espero, genial, estupendo, fantástico,
        ponernos al día, ponerse al día, conocernos, charlar, felicidades, cómo estás, qué tal, cómo va,
        avísame, avisa, dime si, no dudes, si tienes, si quieres, trae tus, tus preguntas, lo siento,
        perdón, saludos, abrazo, un abrazo, soy, me llamo, que tengas, buen viaje, buen día, buen finde,
        feliz, de acuerdo, perfecto, suena bien, me parece bien, entendido, muy amable, con gusto,
        mucho gusto, buen fin de semana, buenas, como acordamos, como quedamos, gusto, ilusión, perdona,
        las molestias, hablamos el, hablamos, feliz navidad, feliz año, año nuevo, navidad, próspero,
        felices fiestas, felices, fiestas, feliz pascua, buenas noches, buena suerte, suerte, ánimo,
        saludos cordiales, que descanses, que vaya bien, buen puente, tu tiempo, su tiempo, un saludo
    """,
    setting="""
        oficina, despacho, edificio, viaje, vuelo, tren, restaurante, comida, cambio, cambiar, teléfono,
        virtual, presencial, vacaciones, hora, horas, serie, notas, portátil, conexión, metro, dirección,
        entrada, piso, planta, fin de semana, cumpleaños, informal, recordatorio, café, charla, aceptar,
        acepta, acepten
    """,
    topic="""
        hablar de, hablar sobre, hablemos de, hablaremos de, hablemos sobre, sobre, revisar, revisión de,
        revisemos, repasar, repasemos, discutir, discutamos, tratar, comentar, analizar, analicemos,
        consejo, consejos, ayuda con, ayuda para, retroalimentación, preparar, preparación de, planificar,
        decidir, duda, dudas sobre, pregunta sobre, preguntas sobre, explorar, practicar, ensayar, mostrar,
        enseñarte, entender, aprender, cómo puedo, cómo, debería, opinión, problema con, problemas con,
        definir, ver cómo, centrarme en, centrarnos en, enfocarme en, enfocarnos en, manejar, gestionar,
        lidiar con, repasar contigo, pedirte, pedir, negociar, aconsejarme, tu punto de vista, tu visión,
        trabajar en, avanzar, atascado con, atascada con, preocupa, me cuesta
    """,
    weak="""
        novedades, progreso, avances, avance, próximos pasos, preguntas, pregunta, varios, otros, resumen,
        actualización, actualizaciones, metas, logros, retos, dudas, seguimiento, bienvenida, cierre
    """,
    person="""
        yo, tú, él, ella, nosotros, ustedes, vosotros, me, te, se, nos, os, lo, la, le, les, mi, mis, tu,
        tus, su, sus, nuestro, nuestra, nuestros, nuestras, es, son, soy, eres, somos, está, estoy, estás,
        están, estamos, fue, era, he, has, ha, hemos, han, había, puedo, puede, puedes, podemos, podría,
        quiero, quieres, quisiera, queremos, voy, vas, va, vamos, tengo, tiene, tienes, tenemos, debo, debe,
        será, seré
    """,
    filler="""
        el, los, las, un, una, unos, unas, y, e, o, u, pero, de, del, a, al, en, con, sin, por, para, que,
        qué, si, no, sí, más, menos, muy, ya, también, como, cuando, donde, quien, este, esta, esto, estos,
        estas, ese, esa, eso, hoy, mañana, ayer, semana, semanas, mes, meses, año, día, días, lunes, martes,
        miércoles, jueves, viernes, sábado, domingo, enero, febrero, marzo, abril, mayo, junio, julio,
        agosto, septiembre, octubre, noviembre, diciembre, favor, todo, todos, toda, algo, alguna, algún,
        cada, otro, otra, próximo, próxima, último, última, primero, primera, reunión, reuniones, sesión,
        sesiones, llamada, encuentro, cita, mentoría, mentorías, mentor, mentora, regular, habitual,
        nuestra, hablar, hablemos, ver, ir, ser, hacer, hago, bien, bueno, buena, nuevo, nueva, juntos,
        antes, después, luego, entre, desde, hasta, pronto, allí, aquí, porque, siempre, como siempre,
        nunca, casi, aunque, mientras, según, mismo, misma, mismos, mismas, tan, tanto, tanta, mucho, mucha,
        muchos, muchas, poco, poca, pocos, otros, otras, varios, varias, cual, cuál, cuales, quién, cuánto,
        cuántos, además, ahora, aún, todavía, quizá, quizás, tal, vez, veces, así, entonces, sino, sólo,
        solo, solamente, tampoco, nadie, alguien, cualquier, durante, hacia, contra, sobre todo, bajo, ante,
        tras, fuera, dentro, cerca, lejos, arriba, abajo, delante, detrás, vuelta, salgo, llego, llega,
        queda, quedar, dar, doy, dado, dicho, decir, digo, sé, sabe, saber, viene, vengo, venir, tenido,
        sido, estado, cosa, cosas, parte, mejor, peor, mayor, menor, gran, grande
    """,
    closing="""
        saludos, un saludo, saludos cordiales, atentamente, cordialmente, gracias, muchas gracias,
        un abrazo, abrazos, hasta pronto, nos vemos, atte, besos, besitos, un beso, abrazote,
        un abrazo grande, un fuerte abrazo, un saludo cordial, saludos y gracias, gracias y saludos,
        cordial saludo, respetuosamente, con cariño, cariños, bss, slds, salu2, buen día, buen finde,
        hasta luego
    """,
    conference="""
        unirse a la reunión, haga clic aquí para unirse, únase desde su equipo, equipo aplicación móvil,
        id de reunión, id de la reunión, código de acceso, o llamar, llamar por teléfono,
        buscar un número local, para organizadores, opciones de la reunión,
        le está invitando a una reunión de zoom, le ha invitado a una reunión de zoom,
        unirse a la reunión zoom, móvil con un toque, marque según su ubicación, encuentre su número local,
        unirse con google meet, o marca, más números de teléfono, únete con google meet,
        vínculo a la videollamada, nombre del evento, con tecnología de calendly, contraseña de la reunión,
        reunión de microsoft teams, únase a través, dispositivo de sala, descargar teams, unirse en la web,
        infórmese, opciones de reunión, únete a la reunión ahora, necesita ayuda, invitándole a una reunión,
        invitándote a una reunión, entrar zoom, unirse a zoom, entrar a la reunión, entrar zoom reunión
    """,
    conference_alone="""
        necesita ayuda, obtener más información
    """,
)
