"""A rule table as a grid: keyboard and paste as in a spreadsheet, findings beside rows, cases beside the table."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import rule_steps as steps
from tests.browser.browsing import WIDTHS, weigh

pytestmark = pytest.mark.browser
KB = 1024
PRIORITY = "-> priority:string"


@pytest.fixture
def page(all_services, open_page):
    """A coordinator on the table of priorities of a new draft."""
    opened = steps.signed_in(open_page, all_services, steps.named("coordinator"))
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    steps.begin_draft(opened, all_services, "Rejilla")
    steps.open_table(opened)
    expect(opened.locator(".jss_worksheet tbody tr").first).to_be_visible()
    return opened


def row_of(page, row_id):
    """The row whose id is exactly this."""
    cells = page.locator(".jss_worksheet tbody td[data-x='0']")
    return page.locator(".jss_worksheet tbody tr").nth(cells.all_inner_texts().index(row_id))


def cell_of(page, row_id, header):
    heads = [one.get_attribute("title") for one in page.locator(".jss_worksheet thead td[title]").all()]
    return row_of(page, row_id).locator(f"td[data-x='{heads.index(header)}']")


def choose(page, row_id, header):
    cell = cell_of(page, row_id, header)
    cell.scroll_into_view_if_needed()
    cell.click()
    return cell


def write(page, row_id, header, text):
    cell = choose(page, row_id, header)
    page.keyboard.press("F2")
    editor = cell.locator("input, textarea, [contenteditable]").first
    expect(editor).to_be_visible()
    editor.press("Control+a")
    editor.press_sequentially(text)
    editor.press("Enter")
    expect(cell).to_have_text(text)
    return cell


def save(page):
    page.locator("[data-grid-form] > button:not([data-act])").click()


def saved(page):
    save(page)
    expect(page.locator("main .govuk-notification-banner--success")).to_be_visible()


class TestKeyboard:
    def test_what_is_typed_is_saved(self, page):
        write(page, "U-26", PRIORITY, '"P3"')
        expect(page.get_by_text("Hay cambios sin guardar")).to_be_visible()
        saved(page)
        page.get_by_role("link", name="Rejilla").click()
        expect(page.get_by_text('→ "P3"')).to_be_visible()

    @pytest.mark.parametrize("quoted", ['"P3"', '"""P3"""'], ids=["as it stands", "escaped"])
    def test_cells_copied_from_a_spreadsheet_are_pasted(self, page, quoted):
        page.evaluate("(text) => navigator.clipboard.writeText(text)", f'{quoted}\t48\r\n"P0"\t1\r\n')
        first = choose(page, "U-26", PRIORITY)
        below = page.locator(".jss_worksheet tbody tr").nth(int(first.get_attribute("data-y")) + 1)
        page.keyboard.press("Control+v")
        expect(first).to_have_text('"P3"')
        expect(cell_of(page, "U-26", "-> deadline_hours:integer")).to_have_text("48")
        expect(below.locator(f"td[data-x='{first.get_attribute('data-x')}']")).to_have_text('"P0"')
        page.keyboard.press("Control+z")
        expect(first).to_have_text('"P2"')

    def test_what_is_copied_is_a_spreadsheets_own_text_without_findings(self, page):
        choose(page, "U-26", PRIORITY)
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Control+c")
        copied = page.evaluate("navigator.clipboard.readText()")
        hours = cell_of(page, "U-26", "-> deadline_hours:integer").inner_text()
        assert copied.strip() == f'"""P2"""\t{hours}'

    def test_rows_are_added_removed_and_brought_back(self, page):
        rows = page.locator(".jss_worksheet tbody tr")
        count = rows.count()
        choose(page, "U-26", "id (C)")
        page.get_by_role("button", name="Agregar fila").click()
        expect(rows).to_have_count(count + 1)
        fresh = rows.nth(int(cell_of(page, "U-26", "id (C)").get_attribute("data-y")) + 1)
        expect(fresh.locator("td[data-x='1']")).to_have_text("-")
        page.get_by_role("button", name="Quitar fila").click()
        expect(rows).to_have_count(count)
        page.get_by_role("button", name="Deshacer").click()
        expect(rows).to_have_count(count + 1)

    def test_the_keyboard_gets_in_and_out_again(self, page):
        page.locator("[data-grid]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".jss_worksheet td.highlight-selected").first).to_have_text("U-01")
        page.keyboard.press("ArrowDown")
        expect(page.locator(".jss_worksheet td.highlight-selected").first).to_have_text("U-02a")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Guardar la tabla")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Deshacer")).to_be_focused()

    def test_the_chosen_cell_is_never_below_the_headings(self, page):
        choose(page, "U-26", PRIORITY)
        for _ in range(18):
            page.keyboard.press("ArrowLeft")
        cell = page.locator(".jss_worksheet td.highlight-selected").first
        heading = row_of(page, "U-26").locator("td[data-x='0']").bounding_box()
        expect(cell).to_be_in_viewport()
        assert cell.bounding_box()["x"] >= heading["x"] + heading["width"] - 1

    def test_a_column_says_what_it_allows_when_a_cell_is_chosen(self, page):
        choose(page, "U-01", "danger_now:string")
        said = page.locator("[data-cell-help]")
        expect(said).to_contain_text("Peligro ahora")
        expect(said).to_contain_text("no se preguntó")
        expect(said).to_contain_text("Si no se sabe, cuenta como: sí")


class TestNothingIsLost:
    def test_a_mistake_stays_in_its_cell_and_undo_still_works(self, page):
        cell = write(page, "U-26", PRIORITY, '"P9"')
        save(page)
        expect(page.locator("#problems")).to_contain_text("P9")
        expect(page.locator("#problems .govuk-error-summary")).to_be_focused()
        expect(row_of(page, "U-26").locator(".jss_row")).to_contain_text("P9")
        expect(cell).to_have_class(re.compile("ruta-wrong"))
        page.locator("#problems [data-problem]").click()
        expect(cell).to_have_class(re.compile("highlight"))
        page.get_by_role("button", name="Deshacer").click()
        expect(cell).to_have_text('"P2"')

    def test_a_session_that_ended(self, page):
        write(page, "U-26", PRIORITY, '"P3"')
        page.context.clear_cookies()
        save(page)
        expect(page.get_by_text("Su sesión terminó")).to_be_visible()
        expect(cell_of(page, "U-26", PRIORITY)).to_have_text('"P3"')

    def test_a_server_that_does_not_answer(self, page):
        write(page, "U-26", PRIORITY, '"P3"')
        page.context.set_offline(True)
        save(page)
        expect(page.get_by_text("No hubo respuesta")).to_be_visible()
        page.context.set_offline(False)
        saved(page)

    def test_what_another_person_saved_meanwhile_is_shown_before_it_is_replaced(
        self, all_services, open_page, page
    ):
        other = steps.signed_in(open_page, all_services, steps.named("coordinator", 1))
        other.goto(page.url)
        write(other, "U-25", PRIORITY, '"P3"')
        saved(other)
        write(page, "U-26", PRIORITY, '"P3"')
        save(page)
        expect(page.get_by_text("Otra persona cambió esta versión")).to_be_visible()
        expect(page.locator("#problems")).to_contain_text("U-25")
        expect(page.locator("#problems")).to_contain_text("U-26")
        expect(cell_of(page, "U-26", PRIORITY)).to_have_text('"P3"')


class TestBeside:
    def test_a_case_is_tried_on_the_cells_as_they_stand(self, page):
        write(page, "U-26", PRIORITY, '"P3"')
        page.get_by_label("Necesidad", exact=True).select_option("MHP.DIST")
        for name in ("Peligro ahora", "Emergencia médica"):
            page.get_by_label(name).select_option("no")
        page.get_by_text("Más datos del caso").click()
        page.get_by_label("Intento, plan o medios de suicidio").select_option("no")
        page.get_by_role("button", name="Ver qué filas deciden").click()
        expect(page.locator("#tried")).to_be_focused()
        expect(page.locator("[data-decides='U-26']")).to_contain_text("P3")
        expect(row_of(page, "U-26").locator(".jss_row")).to_contain_text("Decide")
        other = row_of(page, "U-02b").locator(".jss_row")
        expect(other).to_contain_text("«Necesidad» pide")
        expect(page.get_by_text("Hay cambios sin guardar")).to_be_visible()
        page.get_by_role("button", name="Deshacer").click()
        expect(cell_of(page, "U-26", PRIORITY)).to_have_text('"P2"')

    def test_a_finding_leads_to_its_row_and_back(self, page):
        table = page.url
        write(page, "U-01", PRIORITY, '"P2"')
        saved(page)
        page.get_by_role("link", name="Rejilla").click()
        page.get_by_role("button", name="Probar", exact=True).click()
        page.goto(table)
        heading = row_of(page, "U-01").locator(".jss_row")
        expect(heading).to_contain_text("Bloquea")
        expect(heading).to_contain_text("peligro")
        finding = page.locator("[data-finding][data-blocking]").first
        finding.get_by_role("link", name="U-01").click()
        expect(cell_of(page, "U-01", "id (C)")).to_have_class(re.compile("highlight"))
        back = page.locator("[data-cell-help] a").first
        back.click()
        expect(page.locator("[data-finding]:target")).to_contain_text("peligro")


class TestLook:
    def test_it_says_that_cases_are_tried_on_the_cells_of_the_page(self, page):
        expect(page.get_by_text("Con las celdas como están en la página")).to_be_visible()
        expect(page.get_by_text("Con la tabla guardada: lo que aún no")).to_be_hidden()

    def test_nothing_on_it_asks_for_more_than_the_policy_gives(self, page):
        said = []
        page.on("console", lambda message: said.append((message.text, message.location)))
        page.reload()
        expect(page.locator(".jss_worksheet tbody tr").first).to_be_visible()
        write(page, "U-26", PRIORITY, '"P1"')
        choose(page, "U-27a", PRIORITY).click(button="right")
        page.keyboard.press("Escape")
        assert [one for one in said if "Security Policy" in one[0]] == []

    @pytest.mark.parametrize("width", WIDTHS)
    def test_nothing_is_wider_than_the_screen(self, page, width):
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        expect(page.locator(".jss_worksheet tbody tr").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        grid, case = page.locator("[data-grid]").bounding_box(), page.locator("#try").bounding_box()
        assert (case["x"] >= grid["x"] + grid["width"]) == (width > 1000)
        assert (case["y"] >= grid["y"] + grid["height"]) == (width < 1000)

    def test_its_weight_apart_from_the_editor(self, page):
        wire = weigh(page, page.url)
        own = sum(size for url, size in wire.by_url.items() if "/assets/rules-" not in url)
        assert own <= 50 * KB, wire.by_url
