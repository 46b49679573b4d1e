"""Spanish."""

from agendad.rules.text.lexicon import Language

SPANISH = Language(
    code="es",
    opt_out="""
        no hace falta agenda, no se necesita agenda, no es necesaria agenda, sin necesidad de agenda,
        no hace falta orden del día, no se requiere agenda, no es necesario agenda,
        no necesitamos agenda
    """,
    none_needed="""
        no hace falta, no es necesaria, no necesaria, no se necesita, no se requiere, no requerida
    """,
    placeholder="""
        por definir, por determinar, por confirmar, pendiente de definir, a definir, a confirmar,
        lo envío, la envío, la enviaré, lo enviaré, enviaré, te enviaré, te mando, mandaré, te paso,
        compartiré, se enviará, se compartirá, próximamente, más adelante, aún no, todavía no,
        añadir aquí, agrega aquí, agregar aquí, escribe aquí, completar, rellenar, por rellenar,
        inserta, insertar, sin agenda, sin temas, sin orden del día, nada en particular, nada especial,
        tema libre, lo que surja, ya veremos, no hay agenda, añade la agenda, añade tu agenda
    """,
    null="""
        ninguno, ninguna, nada, no aplica, pendiente, vacío
    """,
    heading="""
        orden del día, temas, tema, puntos, puntos a tratar, temas a tratar, para tratar, objetivo,
        objetivos, asuntos, mis preguntas, de qué hablaremos, temario, para hablar
    """,
    attached="""
        ver adjunto, ver documento, adjunto, adjunta, en el documento, ver notas, véase adjunto
    """,
    logistics="""
        sala, oficina, despacho, edificio, planta, piso, recepción, entrada, ascensor, aparcamiento,
        estacionamiento, dirección, calle, estación, metro, tren, vuelo, viaje, viajo, viajando,
        reservé, reservado, reservada, reserva, restaurante, almuerzo, comida, cafetería, aceptar,
        acepta, acepten, confirma, confirmar, confirmen, asistencia, moví, movido, movida, muevo,
        cambié, cambiado, cambiar, cambio, aplazada, pospuesta, pospuesto, posponer, reprogramar,
        reprogramada, reprogramado, cancelar, cancelada, cancelado, horario, te viene bien, viene bien,
        te va bien, calendario, invitación, enlace, teléfono, llamo, llámame, unirse, únete,
        contraseña, zona horaria, en línea, virtual, presencial, nos vemos en, quedamos en, vacaciones,
        enfermo, enferma, llegaré, tarde, minutos, hora, horas, serie, semanal, mensual, dónde, cuándo,
        notas, portátil, conecto, conexión, disponible, disponibilidad
    """,
    social="""
        hola, buenos días, buenas tardes, querido, querida, estimado, estimada, gracias,
        muchas gracias, agradezco, nos vemos, hasta pronto, hasta luego, hasta mañana, hasta entonces,
        ganas, ganas de verte, encantado, encantada, gusto, ilusión, emocionado, emocionada, espero,
        genial, estupendo, fantástico, café, ponernos al día, ponerse al día, conocernos, charlar,
        charla, fin de semana, cumpleaños, felicidades, cómo estás, qué tal, cómo va, avísame, avisa,
        dime si, no dudes, si tienes, si quieres, trae tus, tus preguntas, lo siento, perdón,
        recordatorio, saludos, abrazo, un abrazo, soy, me llamo, informal
    """,
    topic="""
        hablar de, hablar sobre, hablemos de, hablaremos de, hablemos sobre, sobre, revisar,
        revisión de, revisemos, repasar, repasemos, discutir, discutamos, tratar, comentar, analizar,
        analicemos, consejo, consejos, ayuda con, ayuda para, retroalimentación, preparar,
        preparación de, planificar, decidir, duda, dudas sobre, pregunta sobre, preguntas sobre,
        explorar, practicar, ensayar, mostrar, enseñarte, entender, aprender, cómo puedo, cómo,
        debería, opinión, problema con, problemas con, definir, ver cómo
    """,
    weak="""
        novedades, progreso, avances, avance, próximos pasos, preguntas, pregunta, varios, otros,
        resumen, actualización, actualizaciones, metas, logros, retos, dudas, seguimiento, bienvenida,
        cierre
    """,
    person="""
        yo, tú, él, ella, nosotros, ustedes, vosotros, me, te, se, nos, os, lo, la, le, les, mi, mis,
        tu, tus, su, sus, nuestro, nuestra, nuestros, nuestras, es, son, soy, eres, somos, está, estoy,
        estás, están, estamos, fue, era, he, has, ha, hemos, han, había, puedo, puede, puedes, podemos,
        podría, quiero, quieres, quisiera, queremos, voy, vas, va, vamos, tengo, tiene, tienes,
        tenemos, debo, debe, será, seré
    """,
    filler="""
        el, los, las, un, una, unos, unas, y, e, o, u, pero, de, del, a, al, en, con, sin, por, para,
        que, qué, si, no, sí, más, menos, muy, ya, también, como, cuando, donde, quien, este, esta,
        esto, estos, estas, ese, esa, eso, hoy, mañana, ayer, semana, semanas, mes, meses, año, día,
        días, lunes, martes, miércoles, jueves, viernes, sábado, domingo, enero, febrero, marzo, abril,
        mayo, junio, julio, agosto, septiembre, octubre, noviembre, diciembre, favor, todo, todos,
        toda, algo, alguna, algún, cada, otro, otra, próximo, próxima, último, última, primero,
        primera, reunión, reuniones, sesión, sesiones, llamada, encuentro, cita, mentoría, mentorías,
        mentor, mentora, regular, habitual, nuestra, hablar, hablamos, hablemos, ver, ir, ser, hacer,
        hago, bien, bueno, buena, nuevo, nueva, juntos, antes, después, luego, entre, desde, hasta,
        pronto, allí, aquí, porque
    """,
    closing="""
        saludos, un saludo, saludos cordiales, atentamente, cordialmente, gracias, muchas gracias,
        un abrazo, abrazos, hasta pronto, nos vemos
    """,
    conference="""
        unirse a la reunión, haga clic aquí para unirse, únase desde su equipo,
        equipo aplicación móvil, id de reunión, id de la reunión, código de acceso, o llamar,
        llamar por teléfono, buscar un número local, para organizadores, opciones de la reunión,
        le está invitando a una reunión de zoom, le ha invitado a una reunión de zoom,
        unirse a la reunión zoom, móvil con un toque, marque según su ubicación,
        encuentre su número local, unirse con google meet, o marca, más números de teléfono,
        únete con google meet, vínculo a la videollamada, nombre del evento,
        con tecnología de calendly, contraseña de la reunión
    """,
    conference_alone="""
        necesita ayuda, obtener más información
    """,
)
