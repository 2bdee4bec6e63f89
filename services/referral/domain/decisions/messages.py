"""What is said about tables and cases, in Spanish and English, by code."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["es", "en"]

TEXTS: Mapping[str, tuple[str, str]] = {
    # cells
    "empty_cell": ("la celda está vacía", "the cell is empty"),
    "bad_syntax": ("no se entiende «{found}» en «{text}»", "cannot read “{found}” in “{text}”"),
    "unclosed_string": ("falta cerrar las comillas en «{text}»", "quotes are not closed in “{text}”"),
    "bad_character": (
        "«{found}» nombra un carácter que no existe",
        "“{found}” names a character that does not exist",
    ),
    "bare_word": ("el texto «{found}» va entre comillas", "the text “{found}” needs quotes"),
    "wrong_literal": ("se espera {type} y dice «{found}»", "expected {type}, found “{found}”"),
    "no_order": ("una columna de tipo {type} no admite comparaciones", "a {type} column cannot be compared"),
    "empty_range": ("el intervalo «{found}» no contiene nada", "the range “{found}” holds nothing"),
    "decimal_comma": (
        "«{found}» puede ser un número decimal o dos números, que se escriben «{two}»",
        "“{found}” may be one decimal number or two numbers, which are written “{two}”",
    ),
    "bad_date": ("«{found}» no es una fecha del calendario", "“{found}” is not a date of the calendar"),
    "unknown_code": ("no existe el código «{found}»", "there is no code “{found}”"),
    "value_outside": (
        "«{found}» está fuera de los valores permitidos",
        "“{found}” is outside the allowed values",
    ),
    "never_unknown": (
        "la columna cambia «unknown» por «{replaced}»: esta celda nunca se cumple",
        "the column replaces “unknown” by “{replaced}”: this cell can never match",
    ),
    "required_unknown": (
        "la columna es obligatoria: esta celda nunca se cumple",
        "the column is required: this cell can never match",
    ),
    "unknown_output": ("una salida no puede ser «unknown»", "an output cannot be “unknown”"),
    # tables
    "no_header": ("falta la fila de encabezado", "the header row is missing"),
    "bad_id_header": (
        "la primera columna es «id (política)»; dice «{found}»",
        "the first column is “id (hit policy)”; found “{found}”",
    ),
    "bad_policy": ("no existe la política «{found}»", "there is no hit policy “{found}”"),
    "bad_type": ("no existe el tipo «{found}»", "there is no type “{found}”"),
    "bad_role": ("no existe el papel «{found}»", "there is no role “{found}”"),
    "missing_type": ("falta el tipo de la columna «{found}»", "column “{found}” has no type"),
    "type_differs": (
        "aquí es {found} y en columns.csv es {declared}",
        "it is {found} here and {declared} in columns.csv",
    ),
    "role_differs": (
        "aquí es {found} y en columns.csv es {declared}",
        "it is {found} here and {declared} in columns.csv",
    ),
    "undeclared_column": ("columns.csv no declara «{found}»", "columns.csv does not declare “{found}”"),
    "missing_column": ("falta la columna «{found}»", "column “{found}” is missing"),
    "duplicate_column": ("la columna «{found}» está dos veces", "column “{found}” occurs twice"),
    "missing_table": ("falta el archivo de la tabla «{found}»", "the file of table “{found}” is missing"),
    "unnamed_column": ("una columna no tiene nombre", "a column has no name"),
    "unnamed_after": (
        "la columna después de «{found}» no tiene nombre",
        "the column after “{found}” has no name",
    ),
    "no_output": ("la tabla no tiene ninguna salida", "the table has no output"),
    "no_order_of_outputs": (
        "la política {policy} necesita los valores de una salida, en orden",
        "hit policy {policy} needs the values of an output, in order",
    ),
    "one_output": (
        "la política {policy} admite una sola salida",
        "hit policy {policy} takes one output only",
    ),
    "number_output": (
        "la política {policy} necesita una salida numérica",
        "hit policy {policy} needs a number output",
    ),
    "ordered_output": (
        "la política {policy} necesita una salida que se pueda ordenar",
        "hit policy {policy} needs an output that can be ordered",
    ),
    "missing_id": ("falta el identificador de la fila", "the row has no id"),
    "duplicate_id": (
        "el identificador «{found}» ya está en la fila {first}",
        "id “{found}” is already on row {first}",
    ),
    "short_row": ("faltan celdas: hay {found} de {expected}", "cells are missing: {found} of {expected}"),
    "long_row": ("sobran celdas: hay {found} y van {expected}", "too many cells: {found} of {expected}"),
    "unknown_list": ("no existe la lista de códigos «{found}»", "there is no code list “{found}”"),
    "unknown_row": ("la tabla {table} no tiene la fila «{found}»", "table {table} has no row “{found}”"),
    "tables_do_not_fit": (
        "así las reglas no pueden decidir: {found}",
        "as they stand, the rules cannot decide: {found}",
    ),
    "missing_file": ("no se encuentra el archivo", "the file is not there"),
    "not_utf8": ("el archivo no está en UTF-8", "the file is not UTF-8"),
    "control_character": (
        "el archivo tiene un carácter que no se ve (U+{found})",
        "the file holds a character that cannot be seen (U+{found})",
    ),
    "bad_csv": (
        "el archivo CSV está dañado: aquí unas comillas sobran o no se cierran",
        "the CSV file is damaged: quotes are left over or not closed here",
    ),
    "bad_xlsx": (
        "el libro está dañado o no es XLSX: ábralo en la hoja de cálculo y guárdelo como XLSX",
        "the workbook is damaged or no XLSX: open it in the spreadsheet and save it as XLSX",
    ),
    "no_text": (
        "no es CSV, XLSX ni DMN: ábralo en la hoja de cálculo y guárdelo como XLSX",
        "this is no CSV, XLSX or DMN: open it in the spreadsheet and save it as XLSX",
    ),
    "belongs_to_folder": (
        "no es una tabla: dice algo de las tablas de su carpeta, y se revisa y se prueba con ella",
        "is no table: it says something about the tables of its folder, and is checked and proved with it",
    ),
    "too_large": ("el libro es demasiado grande", "the workbook is too large"),
    "formula": ("la celda tiene una fórmula", "the cell holds a formula"),
    # DMN
    "bad_xml": (
        "el archivo XML está dañado o incompleto en la línea {line}, columna {column}",
        "the XML file is damaged or incomplete at line {line}, column {column}",
    ),
    "deep_xml": (
        "el archivo XML tiene más de {most} niveles",
        "the XML file has more than {most} levels",
    ),
    "unsafe_xml": (
        "el archivo XML trae una DTD o entidades, que no se leen: quítelas",
        "the XML file has a DTD or entities, which are not read: remove them",
    ),
    "xml_encoding": (
        "la codificación del archivo XML no se conoce: guárdelo en UTF-8",
        "the encoding of the XML file is not known: save it as UTF-8",
    ),
    "not_dmn": ("no es un modelo DMN 1.1 a 1.5: {found}", "this is not a DMN 1.1 to 1.5 model: {found}"),
    "no_table": ("el modelo no tiene ninguna tabla de decisión", "the model holds no decision table"),
    "unsupported_expression": (
        "la entrada «{found}» no es el nombre de un dato",
        "the input “{found}” is not the name of a value",
    ),
    "which_decision": ("diga cuál decisión: {found}", "say which decision: {found}"),
    "unknown_decision": ("no existe la decisión «{found}»", "there is no decision “{found}”"),
    "duplicate_decision": (
        "dos decisiones se llaman «{found}»",
        "two decisions are called “{found}”",
    ),
    "circular_decision": (
        "la decisión «{found}» depende de sí misma",
        "decision “{found}” depends on itself",
    ),
    # invariants
    "unknown_table": ("no existe la tabla «{found}»", "there is no table “{found}”"),
    "unknown_column": ("la tabla no tiene la columna «{found}»", "the table has no column “{found}”"),
    "bad_condition": (
        "se espera «columna: condición» y dice «{found}»",
        "expected “column: condition”, found “{found}”",
    ),
    "no_requirement": (
        "la regla de seguridad no exige nada: llene must, must_not o first",
        "the invariant demands nothing: fill must, must_not or first",
    ),
    "not_provable": (
        "no se pueden probar reglas de seguridad sobre la política {policy}",
        "invariants cannot be proven under hit policy {policy}",
    ),
    # cases
    "unknown_input": (
        "no se conoce «{column}» y ninguna fila prevé que falte",
        "“{column}” is not known, and no row provides for that",
    ),
    "required_input": ("falta «{column}»", "“{column}” is missing"),
    "wrong_type": (
        "«{column}» debe ser {type}; llegó {found}",
        "“{column}” must be {type}; got {found}",
    ),
    "value_not_allowed": (
        "«{column}» no admite {found}",
        "“{column}” does not allow {found}",
    ),
    "not_unique": (
        "más de una fila se cumple: {rows}",
        "more than one row matches: {rows}",
    ),
    "not_agreed": (
        "las filas que se cumplen no coinciden: {rows}",
        "the matching rows do not agree: {rows}",
    ),
    "not_a_case": ("un caso es un objeto JSON", "a case is a JSON object"),
    "duplicate_key": ("el caso dice dos veces «{found}»", "the case says “{found}” twice"),
    "bad_json": ("la línea no es JSON válido", "the line is not valid JSON"),
    # suggestions
    "did_you_mean": ("¿quiso decir {suggestion}?", "did you mean {suggestion}?"),
}


def text(code: str, language: Language = "es", /, **values: object) -> str:
    """The sentence for a code, filled in."""
    return TEXTS[code][0 if language == "es" else 1].format(**values)
