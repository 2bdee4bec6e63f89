"""The sentence for every finding, in plain Spanish. Each is a gettext id; English stands in the catalogue."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate me later"
    """Mark a sentence for the catalogue; the web frame translates it when it is shown."""
    return message


SENTENCES: dict[str, str] = {
    # shape
    "required": N_("Falta este dato."),
    "unknown_field": N_("No conocemos el campo «%(name)s». Revise cómo está escrito."),
    "not_object": N_("Aquí va un grupo de datos, no un valor suelto."),
    "not_list": N_("Aquí va una lista."),
    "not_text": N_("Aquí va un texto."),
    "not_boolean": N_("Responda sí o no (true o false)."),
    "not_whole": N_("Escriba un número entero entre %(low)s y %(high)s."),
    "text_empty": N_("Este texto está vacío."),
    "text_too_long": N_("El texto es demasiado largo: caben %(limit)s caracteres."),
    "text_unreadable": N_("El texto tiene caracteres que no se pueden guardar."),
    "list_too_long": N_("La lista es demasiado larga: caben %(limit)s elementos."),
    "not_uuid": N_("El identificador no es un UUID, por ejemplo 019a7c1e-4b5d-7f00-8a3e-2f6c9d1b0e57."),
    "not_time": N_("Escriba fecha, hora y zona horaria, por ejemplo 2026-11-22T10:30:00-05:00."),
    "not_date": N_("Escriba la fecha como año-mes-día, por ejemplo 1994-03-27."),
    "not_hour": N_("Escriba la hora como 09:00 o 18:30."),
    "repeated": N_("«%(value)s» está repetido."),
    # codes
    "unknown_code": N_("No conocemos el código «%(value)s»."),
    "unknown_code_near": N_("No conocemos el código «%(value)s». ¿Quiso decir %(nearest)s?"),
    "not_allowed": N_("«%(value)s» no es una de las respuestas posibles: %(allowed)s."),
    "unknown_fact": N_("«%(name)s» no es un dato que se pregunte sobre una necesidad."),
    "other_country": N_("%(locality)s no está en %(country)s."),
    "unknown_timezone": N_("No conocemos la zona horaria «%(value)s», por ejemplo America/Bogota."),
    # time and age
    "time_in_future": N_("Esta fecha está en el futuro. Revise el día, la hora y el reloj del dispositivo."),
    "time_too_old": N_("Esta fecha es demasiado antigua. Revise el año."),
    "birth_in_future": N_(
        "La persona no puede haber nacido después de la atención. Revise la fecha de nacimiento."
    ),
    "age_too_high": N_(
        "Según esta fecha la persona tendría más de %(limit)s años. Revise la fecha de nacimiento."
    ),
    "age_differs": N_("La edad no coincide con la fecha de nacimiento: según la fecha son %(years)s años."),
    "age_needed": N_("Indique al menos la edad aproximada: de ella depende quién puede dar el permiso."),
    # consent
    "child_own_consent": N_(
        "A los %(age)s años el permiso lo da una persona adulta responsable, no la niña o el niño."
    ),
    "caregiver_consent": N_(
        "A los %(age)s años el permiso lo da quien la cuida; otra persona adulta no puede darlo por ella."
    ),
    "assent_missing": N_(
        "A los %(age)s años, además del permiso de la persona adulta, hace falta que la niña, el niño "
        "o adolescente esté de acuerdo."
    ),
    "teen_own_consent": N_(
        "A los %(age)s años el permiso lo da la propia persona, no otra persona por ella."
    ),
    "adult_own_consent": N_("Una persona adulta da su propio permiso; nadie puede darlo por ella."),
    "need_without_consent": N_(
        "No se puede derivar esta necesidad: la persona no dio permiso para compartir sus datos. "
        "Marque que no se derive, o registre la excepción con su motivo y quién la aprobó."
    ),
    "override_not_needed": N_("La persona dio permiso: no hace falta registrar una excepción."),
    "override_same_person": N_("Quien aprueba la excepción debe ser otra persona, no quien la pide."),
    "override_adult": N_("El interés superior de la niña o el niño vale solo para menores de 18 años."),
    # safe contact
    "phone_invalid": N_(
        "Este número de teléfono no existe o está incompleto. Escríbalo con el código del país, por "
        "ejemplo +57 300 123 4567."
    ),
    "contact_refused": N_("La persona no aceptó que la contacten: no guarde un número de teléfono."),
    "contact_hours_order": N_("La hora de inicio debe ser anterior a la hora final."),
    "sensitive_never": N_(
        "Por seguridad no se envían mensajes sobre esta necesidad (%(need)s). Quite el permiso para "
        "mensajes sensibles."
    ),
    "sensitive_third_person": N_(
        "No se envían mensajes sobre una necesidad reservada al teléfono de otra persona."
    ),
    # assessment
    "needs_missing": N_("Registre al menos una necesidad."),
    "other_person": N_("No encontramos a esta persona entre las que atiende su organización."),
    "too_many_children": N_("Hay más niñas y niños (%(children)s) que personas en el hogar (%(size)s)."),
    # whole documents
    "body_empty": N_("No llegó ningún dato."),
    "body_not_json": N_("Los datos no son JSON válido (línea %(line)s, columna %(column)s)."),
    "body_not_text": N_("Los datos no están en UTF-8."),
    "body_too_deep": N_("Los datos tienen demasiados niveles, uno dentro de otro."),
    "line_repeated": N_("El identificador de esta línea ya está en la línea %(line)s."),
}
